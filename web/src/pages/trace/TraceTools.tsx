import { useQuery } from "@/address/use_address";
import { formatCount } from "@/text/format";

interface Props {
  services: string[];
  shown: number;
  all: number;
  finds: number;
}

// Filter: what does not match goes away. Find: what matches is marked, and n and N go through it.
export function TraceTools({ services, shown, all, finds }: Props) {
  const [query, change] = useQuery();
  const set = (key: string) => (value: string) => change({ [key]: value }, "replace");
  return (
    <search>
      <form className="filters trace-tools" onSubmit={(event) => event.preventDefault()}>
        <label className="field">
          Filter
          <input
            value={query.filter ?? ""}
            size={18}
            spellCheck={false}
            onChange={(event) => set("filter")(event.target.value)}
          />
        </label>
        <label className="field">
          Find
          <input
            value={query.find ?? ""}
            size={18}
            spellCheck={false}
            onChange={(event) => set("find")(event.target.value)}
          />
        </label>
        {query.find && <span className="hint">{formatCount(finds)} found, n and N go through them</span>}
        <label className="field">
          Service
          <select value={query.service ?? ""} onChange={(event) => set("service")(event.target.value)}>
            <option value="">all</option>
            {services.map((service) => (
              <option key={service}>{service}</option>
            ))}
          </select>
        </label>
        <label className="field">
          Show
          <select value={query.only ?? ""} onChange={(event) => set("only")(event.target.value)}>
            <option value="">all spans</option>
            <option value="errors">errors only</option>
            <option value="path">critical path only</option>
          </select>
        </label>
        <span className="hint" role="status">
          {shown === all ? `${formatCount(all)} spans` : `${formatCount(shown)} of ${formatCount(all)} spans`}
        </span>
      </form>
    </search>
  );
}
