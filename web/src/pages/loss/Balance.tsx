import { Fragment } from "react";
import { Link } from "@/address/Link";
import { Icon } from "@/parts/Icon";
import { Mark } from "@/parts/Mark";
import { formatCount, formatPercent } from "@/text/format";
import type { Books, Entry } from "./books";

// One balance, as a sentence of numbers and as a bar.
export function Balance({ books }: { books: Books }) {
  const { group, sum, parts, notes } = books;
  const total = Math.max(
    sum.messages ?? 0,
    parts.reduce((all, { messages }) => all + (messages ?? 0), 0),
  );
  return (
    <div className="balance">
      <h4>
        {group == null ? (
          "Producers"
        ) : (
          <>
            <Icon name="group" title="group" />{" "}
            <Link page="lag" query={{ group }} className="code">
              {group}
            </Link>
          </>
        )}
      </h4>
      <div className="balance-sum">
        <EntryText entry={sum} total={total} />
        <span className="operator">=</span>
        {parts.map((entry, index) => (
          <Fragment key={entry.name}>
            {index > 0 && <span className="operator">+</span>}
            <EntryText entry={entry} total={total} />
          </Fragment>
        ))}
        <Difference difference={books.difference} />
      </div>
      <div className="balance-bar" aria-hidden="true">
        {parts
          .filter(({ messages }) => (messages ?? 0) > 0)
          .map(({ name, messages, tone }) => (
            <span
              key={name}
              className={`fill-${tone}`}
              style={{ flexGrow: messages ?? 0 }}
              title={`${name}: ${formatCount(messages)}`}
            />
          ))}
      </div>
      {notes.length > 0 && (
        <p className="hint">
          {notes.map(({ name, messages }) => `${formatCount(messages)} ${name}`).join(" · ")}
        </p>
      )}
    </div>
  );
}

function EntryText({ entry: { name, messages, tone, icon }, total }: { entry: Entry; total: number }) {
  const isNone = messages === 0;
  return (
    <span
      className={isNone ? "entry is-none" : `entry tone-${tone}`}
      title={total > 0 ? formatPercent((messages ?? 0) / total) : undefined}
    >
      <b>{formatCount(messages)}</b>
      <span>
        {!isNone && <Icon name={icon} />} {name}
      </span>
    </span>
  );
}

function Difference({ difference }: { difference: number | null }) {
  if (difference == null) {
    return <Mark tone="doubt" icon="question" word="the sum is not known" />;
  }
  return difference === 0 ? (
    <Mark tone="good" icon="check" word="balances" />
  ) : (
    <Mark
      tone="warn"
      icon="warning"
      word={`off by ${formatCount(difference)}`}
      title="The window's ends cut through messages, or telemetry is missing."
    />
  );
}
