import { useState, useSyncExternalStore } from "react";
import { token } from "@/api/client";
import { Dialog } from "./Dialog";

// Asks for the server's token once one is needed. It is kept until the tab is closed.
export function TokenDialog() {
  const isWanted = useSyncExternalStore(token.subscribe, token.isWanted);
  return isWanted && <Question onClose={token.putOff} />;
}

function Question({ onClose }: { onClose: () => void }) {
  const [value, setValue] = useState("");
  const wasRefused = token.read() !== null;
  return (
    <Dialog label="Token" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (value.trim() !== "") {
            token.keep(value);
          }
        }}
      >
        <h2>This server asks for a token</h2>
        <p>It is kept in this tab only, and sent to this server only.</p>
        {wasRefused && (
          <p className="problem" role="alert">
            The server does not accept the token that it was given.
          </p>
        )}
        <label className="field">
          Token
          <input
            type="password"
            autoComplete="off"
            autoFocus
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        </label>
        <button type="submit" className="primary">
          Go on
        </button>
      </form>
    </Dialog>
  );
}
