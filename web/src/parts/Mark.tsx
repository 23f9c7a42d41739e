import type { Verdict } from "@/api/types";
import { Icon, type IconName } from "./Icon";
import { type Look, lookOf, type Tone, verdicts } from "./verdict";

// A small sign: icon, word and tone.
export function Mark({
  tone,
  icon,
  word,
  title,
}: {
  tone: Tone;
  icon: IconName;
  word: string;
  title?: string;
}) {
  return (
    <span className={`mark tone-${tone}`} title={title}>
      <Icon name={icon} />
      {word}
    </span>
  );
}

export function StateMark({ looks, state }: { looks: Record<string, Look>; state: string }) {
  const { tone, icon, word, meaning } = lookOf(looks, state);
  return <Mark tone={tone} icon={icon} word={word} title={meaning} />;
}

// A verdict and how sure it is: proved has a full border, likely a broken one, unknown none.
export function VerdictMark({ verdict, hasCause = true }: { verdict: Verdict; hasCause?: boolean }) {
  const { tone, icon, word, meaning } = lookOf(verdicts, verdict.state);
  return (
    <span className="verdict-mark">
      <span className={`mark tone-${tone} sure-${verdict.confidence}`} title={meaning}>
        <Icon name={icon} />
        {word}
      </span>
      {hasCause && verdict.cause && <span className="cause">{verdict.cause.replaceAll("_", " ")}</span>}
      {verdict.state !== "unknown" && <span className="sureness">{verdict.confidence}</span>}
    </span>
  );
}
