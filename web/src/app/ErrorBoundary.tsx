import { Component, type PropsWithChildren } from "react";
import { Problem } from "@/parts/Answered";

// A fault of one page is told on that page; the others stay reachable.
export class ErrorBoundary extends Component<PropsWithChildren, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) {
      return this.props.children;
    }
    return <Problem title="This page has a fault" text={`${error.message} Reload the page to try again.`} />;
  }
}
