import type { Page } from "@/address/address";
import { Link } from "@/address/Link";
import { useAddress } from "@/address/use_address";
import { Icon, type IconName } from "@/parts/Icon";

const entries: { page: Page; title: string; icon: IconName; key: string; also?: Page }[] = [
  { page: "overview", title: "Overview", icon: "overview", key: "o" },
  { page: "messages", title: "Messages", icon: "messages", key: "m", also: "message" },
  { page: "traces", title: "Traces", icon: "traces", key: "t", also: "trace" },
  { page: "flow", title: "Flow", icon: "flow", key: "f" },
  { page: "lag", title: "Lag", icon: "lag", key: "l" },
  { page: "loss", title: "Loss", icon: "loss", key: "s" },
];

export function Navigation() {
  const { page: current } = useAddress();
  return (
    <nav aria-label="Pages">
      {entries.map(({ page, title, icon, key, also }) => (
        <Link
          key={page}
          page={page}
          aria-current={current === page ? "page" : current === also ? "true" : undefined}
          title={`${title} ( g ${key} )`}
        >
          <Icon name={icon} /> <span>{title}</span>
        </Link>
      ))}
    </nav>
  );
}
