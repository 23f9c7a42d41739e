import { Link } from "@/address/Link";
import { useQuery } from "@/address/use_address";
import { urlOf } from "@/api/client";
import { useAnswer } from "@/api/use_answer";
import { Answered, Empty, Problem } from "@/parts/Answered";
import { PageHead } from "@/parts/PageHead";
import { TraceView } from "./TraceView";

// One trace, with what links lead to.
export default function TracePage() {
  const [{ id = "" }] = useQuery();
  const isTrace = /^[0-9a-f]{32}$/i.test(id);
  const asked = useAnswer("/traces/{id}", isTrace ? urlOf(`/traces/${id}`) : null, id);
  if (!isTrace) {
    return (
      <>
        <PageHead title="Trace" />
        <Problem title="Which trace?" text="A trace is named by 32 hexadecimal digits." />
      </>
    );
  }
  return (
    <Answered asked={asked} notFound={<NotFound id={id} />}>
      {(trace) => <TraceView key={trace.trace_id} trace={trace} />}
    </Answered>
  );
}

function NotFound({ id }: { id: string }) {
  return (
    <>
      <PageHead title={`Trace ${id.slice(0, 8)}`} />
      <Empty title="Nothing is known of this trace.">
        <p className="code">{id}</p>
        <p>
          It may not have been sampled, or it is older than what the store keeps.{" "}
          <Link page="traces">Traces that are known</Link>
        </p>
      </Empty>
    </>
  );
}
