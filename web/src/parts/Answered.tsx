import type { ReactNode } from "react";
import { token } from "@/api/client";
import type { Asked } from "@/api/use_answer";
import { Icon } from "./Icon";

interface Props<T> {
  asked: Asked<T>;
  children: (answer: T) => ReactNode;
  notFound?: ReactNode;
}

// What was asked for, or why it is not there. An answer that is old because the server is away stays, and says so.
export function Answered<T>({ asked, children, notFound }: Props<T>) {
  const { answer, error, isLoading } = asked;
  if (error?.status === 404 && notFound) {
    return notFound;
  }
  if (!answer && error) {
    return (
      <Problem title={titleOf(error.status)} text={error.message}>
        {error.status === 401 && (
          <button type="button" onClick={token.ask}>
            Give the token
          </button>
        )}
      </Problem>
    );
  }
  if (!answer) {
    return isLoading ? <Loading /> : null;
  }
  return (
    <>
      {error && (
        <p className="stale" role="alert">
          <Icon name="warning" /> {error.message} What is shown is older.
        </p>
      )}
      <div className="answered" aria-busy={isLoading}>
        {children(answer)}
      </div>
    </>
  );
}

export function Loading() {
  return (
    <div className="loading" role="status">
      <span className="loading-bar" /> Asking the server …
    </div>
  );
}

export function Problem({ title, text, children }: { title: string; text: ReactNode; children?: ReactNode }) {
  return (
    <div className="problem-box" role="alert">
      <h2>
        <Icon name="warning" /> {title}
      </h2>
      <p>{text}</p>
      {children}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

function titleOf(status: number): string {
  switch (status) {
    case 0:
      return "No answer";
    case 400:
      return "The server does not understand this question";
    case 401:
      return "A token is needed";
    case 404:
      return "Nothing is known of it";
    default:
      return "That did not work";
  }
}
