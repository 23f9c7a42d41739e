import { useMemo, useRef, useState } from "react";
import { Link } from "@/address/Link";
import { addressOf, navigate } from "@/address/use_address";
import { applyTheme, nextTheme, readTheme } from "@/look/theme";
import { Icon } from "@/parts/Icon";
import { serverNow } from "@/time/clock";
import { RangePicker } from "@/time/RangePicker";
import { shift } from "@/time/range";
import { TimeProvider, useTime } from "@/time/use_time";
import { KeyboardHelp } from "./KeyboardHelp";
import { goTo } from "./keyboard";
import { Navigation } from "./Navigation";
import { PageView } from "./PageView";
import { QuickFind } from "./QuickFind";
import { TokenDialog } from "./TokenDialog";
import { useKeys } from "./use_keys";
import { useStatus } from "./use_status";

export function App() {
  return (
    <TimeProvider>
      <Frame />
    </TimeProvider>
  );
}

// What stands around every page.
function Frame() {
  const [theme, setTheme] = useState(readTheme);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const find = useRef<HTMLInputElement>(null);
  const status = useStatus();

  const turnTheme = () => {
    applyTheme(nextTheme(theme));
    setTheme(nextTheme(theme));
  };
  useFrameKeys({ turnTheme, showHelp: () => setHelpOpen(true), find: () => find.current?.select() });
  return (
    <>
      <a className="skip-link" href="#page">
        To the page
      </a>
      <aside className="side">
        <Link page="overview" className="brand" aria-label="Waybill, overview">
          <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
            <path d="M3 8 L9.500 24 L16 11 L22.500 24 L29 8" />
          </svg>
          Waybill
        </Link>
        <Navigation />
        <div className="side-end">
          <button type="button" className="quiet" onClick={turnTheme} title="Theme ( d )" data-test="theme">
            <Icon name={theme === "dark" ? "moon" : theme === "light" ? "sun" : "screen"} />{" "}
            <span>Theme: {theme}</span>
          </button>
          <button type="button" className="quiet" onClick={() => setHelpOpen(true)} title="Keyboard ( ? )">
            <Icon name="keyboard" /> <span>Keys</span>
          </button>
          {status.answer && <span className="version">version {status.answer.version}</span>}
        </div>
      </aside>
      <div className="main">
        <div className="top">
          <QuickFind input={find} />
          <RangePicker />
        </div>
        <main id="page" tabIndex={-1}>
          <PageView status={status} />
        </main>
      </div>
      {isHelpOpen && <KeyboardHelp onClose={() => setHelpOpen(false)} />}
      <TokenDialog />
    </>
  );
}

function useFrameKeys(own: { turnTheme: () => void; showHelp: () => void; find: () => void }): void {
  const { range, isLive, setRange, setLive, refresh } = useTime();
  const leader = useRef(0); // when "g" was pressed
  const actions = useMemo(() => {
    const move = (direction: -1 | 1) => setRange(shift(range, serverNow(), direction));
    const keys: Record<string, () => void> = {
      "/": own.find,
      "?": own.showHelp,
      d: own.turnTheme,
      r: refresh,
      ".": () => range.kind === "last" && setLive(!isLive),
      "[": () => move(-1),
      "]": () => move(1),
      g: () => {
        leader.current = performance.now();
      },
    };
    // The second key of "g o" has a meaning of its own only shortly after the first.
    for (const [key, page] of Object.entries(goTo)) {
      const alone = keys[key];
      keys[key] = () => {
        const follows = performance.now() - leader.current < 1500;
        leader.current = 0;
        if (follows) {
          navigate(addressOf(page));
        } else {
          alone?.();
        }
      };
    }
    return keys;
  }, [range, isLive, setRange, setLive, refresh, own.find, own.showHelp, own.turnTheme]);
  useKeys(actions);
}
