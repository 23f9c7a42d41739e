import { Link } from "@/address/Link";
import { nameOfMessage } from "@/address/places";
import { useQuery } from "@/address/use_address";
import { urlOf } from "@/api/client";
import type { GroupWay, MessageName, MessageWay } from "@/api/types";
import { useAnswer } from "@/api/use_answer";
import { Answered, Empty, Problem } from "@/parts/Answered";
import { Icon } from "@/parts/Icon";
import { StateMark, VerdictMark } from "@/parts/Mark";
import { MessageLink } from "@/parts/MessageLink";
import { PageHead } from "@/parts/PageHead";
import { verdicts } from "@/parts/verdict";
import { download } from "@/text/download";
import { useTime } from "@/time/use_time";
import { Evidence } from "./Evidence";
import { Lanes } from "./Lanes";
import { LogBand } from "./LogBand";
import { Stations } from "./Stations";
import { readerOf, stationsOfSend } from "./way";

const keys = ["topic", "partition", "offset", "trace", "span"];

// What happened to one message.
export default function MessagePage() {
  const [query] = useQuery();
  const { window } = useTime();
  const wanted = Object.fromEntries(keys.map((key) => [key, query[key] ?? ""]));
  const isNamed = (wanted.topic && wanted.partition && wanted.offset) || (wanted.trace && wanted.span);
  // A message that is still on its way is asked for again with every tick of the time.
  const url = isNamed ? urlOf("/message", wanted) : null;
  const asked = useAnswer("/message", url, JSON.stringify(wanted), window.to_ms);
  if (!isNamed) {
    return (
      <Problem
        title="Which message?"
        text="A message is named by topic, partition and offset, or by trace and span."
      />
    );
  }
  return (
    <Answered asked={asked} notFound={<NotFound query={wanted} />}>
      {(way) => <Way way={way} />}
    </Answered>
  );
}

function Way({ way }: { way: MessageWay }) {
  const { message, produced } = way;
  const name = nameOfMessage(message);
  const reachesLog = produced?.persistence !== "not_persisted" || way.log != null;
  return (
    <>
      <PageHead title={name}>
        <div className="page-tools">
          {message.trace_id && (
            <Link
              page="trace"
              query={{ id: message.trace_id, span: message.span_id ?? "" }}
              className="button"
            >
              <Icon name="traces" /> Trace
            </Link>
          )}
          <Neighbours message={message} />
          <button
            type="button"
            className="quiet"
            onClick={() => download(`${name}.json`, "application/json", JSON.stringify(way, null, 2))}
          >
            <Icon name="download" /> JSON
          </button>
        </div>
      </PageHead>
      <section className="verdict-line" aria-label="Verdict" data-test="verdict">
        <VerdictMark verdict={way.verdict} />
        <span className="verdict-text">{way.verdict.text}</span>
        {message.key != null && (
          <span className="hint">
            key{" "}
            <Link page="messages" query={{ key: message.key }} className="code cut">
              {message.key}
            </Link>
          </span>
        )}
      </section>
      <GroupVerdicts groups={way.groups} />
      <div className="verdict-evidence">
        <Evidence verdict={way.verdict} />
      </div>
      <Relatives title="Sent while this was processed" messages={way.came_from} />
      <section className="way" aria-label="The message's way">
        <Stations stations={stationsOfSend(way)} leadsDown={reachesLog} />
        {reachesLog && <LogBand way={way} />}
        <Lanes way={way} />
      </section>
      <Relatives title="Sent while it was processed" messages={way.led_to} />
    </>
  );
}

// What became of it in each group, in one line.
function GroupVerdicts({ groups }: { groups: GroupWay[] }) {
  if (groups.length === 0) {
    return null;
  }
  return (
    <ul className="group-verdicts" aria-label="What became of it in each group">
      {groups.map((group) => (
        <li key={group.group}>
          <span className="code">{readerOf(group).name}</span>{" "}
          <StateMark looks={verdicts} state={group.verdict.state} />
        </li>
      ))}
    </ul>
  );
}

function Relatives({ title, messages }: { title: string; messages: MessageName[] }) {
  if (messages.length === 0) {
    return null;
  }
  return (
    <section className="relatives" aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {messages.map((message) => (
          <li key={`${nameOfMessage(message)} ${message.span_id}`}>
            <MessageLink message={message} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Neighbours({ message: { topic, partition, offset } }: { message: MessageName }) {
  if (partition == null || offset == null) {
    return null;
  }
  const place = (other: number) => ({ topic, partition: `${partition}`, offset: `${other}` });
  return (
    <>
      {offset > 0 && (
        <Link page="message" query={place(offset - 1)} className="button" aria-label="The offset before">
          <Icon name="left" /> @{offset - 1}
        </Link>
      )}
      <Link page="message" query={place(offset + 1)} className="button" aria-label="The next offset">
        @{offset + 1} <Icon name="right" />
      </Link>
    </>
  );
}

function NotFound({ query: { topic, partition, offset, trace } }: { query: Record<string, string> }) {
  const name = topic ? `${topic}/${partition}@${offset}` : `the message of trace ${trace}`;
  return (
    <>
      <PageHead title={name} />
      <Empty title={`Nothing is known of ${name}.`}>
        <p>
          No span names it, and no broker was asked for it. It may not have been sampled, its clients may not
          be traced, or it is older than what the store keeps. That is no proof that it does not exist.
        </p>
        {topic && (
          <p>
            <Link page="messages" query={{ topic, partition: partition ?? "" }}>
              Messages of {topic}/{partition} that are known
            </Link>{" "}
            ·{" "}
            <Link page="loss" query={{ topic }}>
              the books of {topic}
            </Link>
          </p>
        )}
      </Empty>
    </>
  );
}
