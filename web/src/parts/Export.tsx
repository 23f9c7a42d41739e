import { toCsv } from "@/text/csv";
import { download } from "@/text/download";
import { isoMoment } from "@/time/range";
import type { Column } from "./DataTable";
import { Icon } from "./Icon";

interface Props<Row> {
  name: string;
  columns: Column<Row>[];
  rows: Row[];
  json: unknown;
}

// CSV is the list as it is shown, in its order; JSON is the server's answer as it came.
export function Export<Row>({ name, columns, rows, json }: Props<Row>) {
  const file = () => `waybill-${name}-${isoMoment(Date.now()).slice(0, 19)}`;
  const csv = () => {
    const named = columns.map(({ key, value }) => ({ name: key, value }));
    download(`${file()}.csv`, "text/csv", toCsv(named, rows));
  };
  const asJson = () => download(`${file()}.json`, "application/json", JSON.stringify(json, null, 2));
  return (
    <div className="export">
      <button type="button" className="quiet" onClick={csv} title="This list as CSV">
        <Icon name="download" /> CSV
      </button>
      <button type="button" className="quiet" onClick={asJson} title="The server's answer as JSON">
        <Icon name="download" /> JSON
      </button>
    </div>
  );
}
