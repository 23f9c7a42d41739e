import { type ComponentType, lazy, Suspense } from "react";
import type { Page } from "@/address/address";
import { Link } from "@/address/Link";
import { useAddress } from "@/address/use_address";
import type { Status } from "@/api/types";
import type { Asked } from "@/api/use_answer";
import { Loading, Problem } from "@/parts/Answered";
import { PageHead } from "@/parts/PageHead";
import { ErrorBoundary } from "./ErrorBoundary";
import { NoTelemetry } from "./NoTelemetry";
import { isEmpty } from "./use_status";

// Each page is loaded when it is first looked at.
const views: Record<Page, ComponentType> = {
  overview: lazy(() => import("@/pages/overview/OverviewPage")),
  messages: lazy(() => import("@/pages/messages/MessagesPage")),
  message: lazy(() => import("@/pages/message/MessagePage")),
  traces: lazy(() => import("@/pages/traces/TracesPage")),
  trace: lazy(() => import("@/pages/trace/TracePage")),
  flow: lazy(() => import("@/pages/flow/FlowPage")),
  lag: lazy(() => import("@/pages/lag/LagPage")),
  loss: lazy(() => import("@/pages/loss/LossPage")),
};

export function PageView({ status }: { status: Asked<Status> }) {
  const { page } = useAddress();
  if (page === null) {
    return <NoSuchPage />;
  }
  if (status.answer && isEmpty(status.answer)) {
    return <NoTelemetry />;
  }
  const View = views[page];
  return (
    <ErrorBoundary key={page}>
      <Suspense fallback={<Loading />}>
        <View />
      </Suspense>
    </ErrorBoundary>
  );
}

function NoSuchPage() {
  return (
    <>
      <PageHead title="No such page" />
      <Problem
        title="There is no page at this address"
        text={
          <>
            The link may be cut, or of another version. <Link page="overview">To the overview</Link>
          </>
        }
      />
    </>
  );
}
