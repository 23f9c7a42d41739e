import { Link } from "@/address/Link";
import { Icon } from "@/parts/Icon";
import { partsOfNode } from "./node_id";

// A node by its kind's sign and its name; it leads to the node in the flow.
export function NodeName({ id }: { id: string }) {
  const { kind, name } = partsOfNode(id);
  return (
    <Link page="flow" query={{ node: id }} className="node-name code">
      <Icon name={kind} title={kind} />
      {name}
    </Link>
  );
}
