import { Fragment, type ReactNode } from "react";
import { Link } from "@/address/Link";
import { nameOfMessage, placeOfMessage } from "@/address/places";
import type { LinkedSpan, Span, Trace } from "@/api/types";
import { Icon } from "@/parts/Icon";
import { MessageLink } from "@/parts/MessageLink";
import { formatDuration, formatMoment } from "@/text/format";
import { keyOf } from "./timeline";

interface Props {
  trace: Trace;
  span: Span;
  onSelect: (span: Span) => void;
  onClose: () => void;
}

// All that is known of one span, and its links in both directions.
export function SpanPanel({ trace, span, onSelect, onClose }: Props) {
  return (
    <aside className="span-panel panel" aria-label={`Span ${span.name}`} data-test="span">
      <h2>
        {span.service}: {span.name}
        <button type="button" className="quiet" onClick={onClose} aria-label="Close the span">
          <Icon name="cross" />
        </button>
      </h2>
      {span.error != null && (
        <p className="tone-bad">
          <Icon name="warning" /> {span.error}
        </p>
      )}
      <p className="hint">
        {span.kind} · {span.operation} · {formatMoment(span.start_ms)} ·{" "}
        <b>{formatDuration(span.duration_ms)}</b>, begins {formatDuration(span.start_ms - trace.start_ms)}{" "}
        into the trace
      </p>
      {span.message?.topic && <MessageOf span={span} />}
      <Links title="Came from" links={span.links} trace={trace} onSelect={onSelect} />
      <Links title="Consumed by, or linked to by" links={span.linked_by} trace={trace} onSelect={onSelect} />
      <Attributes title="Attributes" values={span.attributes} />
      {span.events.length > 0 && (
        <>
          <h3>Events</h3>
          {span.events.map((event) => (
            <div key={`${event.time_ms} ${event.name}`} className="span-event">
              <b>{event.name}</b>{" "}
              <span className="hint">{formatDuration(event.time_ms - span.start_ms)} into the span</span>
              <Attributes values={event.attributes} />
            </div>
          ))}
        </>
      )}
      {span.logs.length > 0 && (
        <>
          <h3>Log records</h3>
          {span.logs.map((log) => (
            <div key={`${log.time_ms} ${log.event} ${log.text}`} className="span-event">
              <b>{log.event}</b> <span className="hint">severity {log.severity}</span>
              <p>{log.text}</p>
            </div>
          ))}
        </>
      )}
      <Attributes title="Resource" values={span.resource} />
      <p className="hint code">
        span {span.span_id}
        <br />
        trace {span.trace_id}
      </p>
    </aside>
  );
}

function MessageOf({ span: { message } }: { span: Span }) {
  return (
    <p className="span-message">
      Message <MessageLink message={message} />
      {placeOfMessage(message) && <span className="hint"> its whole way, and who else has it</span>}
      {message.key != null && (
        <>
          <br />
          key <span className="code">{message.key}</span>
        </>
      )}
    </p>
  );
}

interface LinksProps {
  title: string;
  links: LinkedSpan[];
  trace: Trace;
  onSelect: (span: Span) => void;
}

function Links({ title, links, trace, onSelect }: LinksProps) {
  if (links.length === 0) {
    return null;
  }
  const here = new Map(trace.spans.map((span) => [keyOf(span), span]));
  return (
    <>
      <h3>{title}</h3>
      <ul className="span-links">
        {links.map((link) => {
          const span = here.get(keyOf(link));
          const text = link.name ? `${link.service ?? ""}: ${link.name}` : `span ${link.span_id}, never seen`;
          return (
            <li key={keyOf(link)}>
              {span ? (
                <button type="button" className="as-link" onClick={() => onSelect(span)}>
                  {text} {span.message?.topic && nameOfMessage(span.message)}
                </button>
              ) : (
                <Link page="trace" query={{ id: link.trace_id, span: link.span_id }}>
                  {text}
                </Link>
              )}
              {link.trace_id !== trace.trace_id && (
                <Link page="trace" query={{ id: link.trace_id, span: link.span_id }} className="hint">
                  in trace {link.trace_id.slice(0, 8)}
                </Link>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function Attributes({ title, values }: { title?: string; values: Record<string, unknown> }) {
  const entries = Object.entries(values ?? {}).sort(([left], [right]) => left.localeCompare(right));
  if (entries.length === 0) {
    return null;
  }
  return (
    <>
      {title && <h3>{title}</h3>}
      <dl className="attributes">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{breakable(name)}</dt>
            <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

// A long name may go on in the next line behind a dot.
function breakable(name: string): ReactNode {
  return name.split(".").map((part, index, parts) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a name's parts stay where they are
    <Fragment key={index}>
      {part}
      {index < parts.length - 1 && (
        <>
          .<wbr />
        </>
      )}
    </Fragment>
  ));
}
