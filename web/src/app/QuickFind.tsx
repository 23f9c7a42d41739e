import { type RefObject, useState } from "react";
import { placeOfText } from "@/address/places";
import { addressOf, navigate } from "@/address/use_address";
import { Icon } from "@/parts/Icon";

// From what somebody has in hand straight to its page.
export function QuickFind({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const [text, setText] = useState("");
  const find = () => {
    const place = placeOfText(text);
    if (place) {
      navigate(addressOf(place.page, place.query));
      input.current?.blur();
    }
  };
  return (
    <search>
      <form
        className="quick-find"
        onSubmit={(event) => {
          event.preventDefault();
          find();
        }}
      >
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          aria-label="Find a message, a trace or a key"
          placeholder="orders/3@1234, a trace, a key"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && input.current?.blur()}
        />
        <kbd>/</kbd>
      </form>
    </search>
  );
}
