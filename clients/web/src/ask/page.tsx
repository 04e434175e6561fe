/** The first page: a question, and questions to try. */
import { useLevada } from "@levada/client/react";
import { useLoaded } from "../shell/loading";
import { Problem, Wrong } from "../shell/notices";
import { usePreferences } from "../shell/preferences";
import { Composer } from "./composer";
import { USUAL } from "./request";
import { useAsking } from "./use-asking";

const SHOWN = 6;
/** The planner that needs no language model. */
const OFFLINE = "offline";

export function AskPage({ question, source }: { question: string; source: string }) {
  return (
    <div className="ask-page">
      <h1>What do you want to know?</h1>
      <p className="lead">Ask in plain words, and watch the answer being worked out, step by step.</p>
      <Composer
        key={`${question} ${source}`}
        question={question}
        sources={source ? [source] : []}
        placeholder="Revenue by country this year"
        autoFocus
      />
      <Samples source={source} />
    </div>
  );
}

function Samples({ source }: { source: string }) {
  const client = useLevada();
  const { value: pipelines, problem, again } = useLoaded(() => client.pipelines(), "pipelines");
  const { value: models } = useLoaded(() => client.models(), "models");
  const { ask, busy, problem: refused } = useAsking();
  const { approval } = usePreferences();
  if (problem) return <Problem text={problem} again={again} />;
  const able = models?.some(({ name }) => name !== OFFLINE) ?? false;
  // What would only be refused is no sample.
  const groups = (pipelines ?? []).filter(
    ({ sampleQuestions, needsModel }) => sampleQuestions?.length && (able || !needsModel),
  );
  const wish = { ...USUAL, sources: source ? [source] : [], approval };
  return (
    <div className="samples-groups">
      <Wrong text={refused} />
      {unlike(groups).map(({ name, title, questions, usual }) => (
        <section key={name} aria-labelledby={`samples-${name}`}>
          <h2 id={`samples-${name}`}>{title}</h2>
          <ul className="sample-questions">
            {questions.map((text) => (
              <li key={text}>
                <button
                  type="button"
                  disabled={busy}
                  onClick={() => ask({ ...wish, pipeline: usual ? "" : name, question: text, conversation: "" })}
                >
                  {text}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

interface Group {
  name?: string;
  title?: string;
  sampleQuestions?: string[];
}

/** Return the groups without questions that an earlier one has, and without groups that have no others. */
function unlike(groups: readonly Group[]) {
  const told = new Set<string>();
  return groups
    .map(({ name = "", title, sampleQuestions = [] }, place) => {
      const questions = sampleQuestions.filter((text) => !told.has(text)).slice(0, SHOWN);
      for (const text of sampleQuestions) told.add(text);
      // The first is the server's default: which of them it takes, it chooses better when it is not told.
      return { name, title, questions, usual: !place };
    })
    .filter(({ questions }) => questions.length);
}
