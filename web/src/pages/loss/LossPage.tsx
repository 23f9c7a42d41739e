import { useQuery } from "@/address/use_address";
import { urlOf } from "@/api/client";
import type { Loss } from "@/api/types";
import { useAnswer } from "@/api/use_answer";
import { Answered } from "@/parts/Answered";
import { Export } from "@/parts/Export";
import { type Field, FilterForm } from "@/parts/FilterForm";
import { PageHead } from "@/parts/PageHead";
import { Source } from "@/parts/Source";
import { queryOfWindow } from "@/time/range";
import { useTime } from "@/time/use_time";
import { Balance } from "./Balance";
import { bookRows, booksOfGroup, booksOfTopic } from "./books";
import { NamedTable } from "./NamedTable";

const fields: Field[] = [
  { key: "topic", label: "Topic", kind: "text", names: "topic", width: 18 },
  { key: "group", label: "Group", kind: "text", names: "group", width: 18 },
];

// The books: what was sent must be found again, or it is said what is missing and why.
export default function LossPage() {
  const [query] = useQuery();
  const { window } = useTime();
  const wanted = { topic: query.topic ?? "", group: query.group ?? "" };
  const url = urlOf("/loss", { ...wanted, ...queryOfWindow(window) });
  const asked = useAnswer("/loss", url, JSON.stringify(wanted));
  return (
    <>
      <PageHead title="Loss" />
      <FilterForm fields={fields} />
      <Answered asked={asked}>{(loss) => <Content loss={loss} />}</Answered>
    </>
  );
}

function Content({ loss }: { loss: Loss }) {
  return (
    <>
      {loss.reasons_for_unknown.length > 0 && (
        <section className="panel doubt" aria-label="Why some is unknown">
          <h2>Why some is unknown</h2>
          <ul>
            {loss.reasons_for_unknown.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          <p className="hint">A span that is not there is no proof of anything: unknown is not lost.</p>
        </section>
      )}
      <section className="panel" aria-label="The books">
        <div className="table-tools">
          <h2>The books</h2>
          <Export name="books" columns={bookColumns} rows={bookRows(loss)} json={loss} />
        </div>
        {loss.topics.length === 0 && <p className="hint">No topic was sent to or read in this window.</p>}
        {loss.topics.map((topic) => (
          <article key={topic.topic} className="books" aria-label={topic.topic}>
            <h3 className="code">{topic.topic}</h3>
            <Balance books={booksOfTopic(topic.produced)} />
            {topic.groups.map((group) => (
              <Balance key={group.group} books={booksOfGroup(group)} />
            ))}
          </article>
        ))}
      </section>
      <NamedTable loss={loss} />
      <Source source={loss.source} window={loss.window} />
    </>
  );
}

const bookColumns = (["topic", "group", "entry", "messages"] as const).map((key) => ({
  key,
  title: key,
  cell: () => null,
  value: (row: ReturnType<typeof bookRows>[number]) => row[key],
}));
