/** The HTTP interface for people: operations, reasons of problems, shapes of messages, from /openapi.json. */
import type { ReactNode } from "react";
import type { Answer, OpenApi, Operation } from "./document";
import { Fields, Shape } from "./shape";

export function Docs({ api }: { api: OpenApi }) {
  const schemas = api.components.schemas;
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const reasons = schemas.Problem?.properties?.reason?.enum ?? [];
  return (
    <div className="docs">
      <header>
        <h1>
          <a href="/">Levada</a> <span className="quiet">HTTP interface {api.info.version}</span>
        </h1>
        <p>
          {api.info.description} Machines read <a href="/openapi.json">/openapi.json</a>.
        </p>
        <nav aria-label="Parts">
          <a href="#operations">Operations</a> <a href="#reasons">Reasons</a> <a href="#shapes">Shapes</a>
        </nav>
      </header>
      <main>
        <h2 id="operations">Operations</h2>
        {operations.map((each) => (
          <OperationPart key={each.operation.operationId} {...each} />
        ))}
        <h2 id="reasons">Reasons</h2>
        <p>Each problem names one in its member reason.</p>
        <ul className="docs-reasons">
          {reasons.map((reason) => (
            <li key={reason} id={reason}>
              <code>{reason}</code>
            </li>
          ))}
        </ul>
        <h2 id="shapes">Shapes</h2>
        {Object.entries(schemas).map(([name, schema]) => (
          <section key={name} id={`schema-${name}`} className="card">
            <h3>{name}</h3>
            {schema.description ? <p className="quiet">{schema.description}</p> : null}
            {schema.enum ? <p>{schema.enum.join(", ")}</p> : <Fields of={schema} />}
          </section>
        ))}
      </main>
    </div>
  );
}

function OperationPart({ path, method, operation }: { path: string; method: string; operation: Operation }) {
  const body = operation.requestBody?.content["application/json"]?.schema;
  return (
    <section className="card" id={operation.operationId}>
      <h3>
        <span className="badge">{method.toUpperCase()}</span> <code>{path}</code>
      </h3>
      <p>{operation.summary}</p>
      <ul className="docs-fields">
        {operation.parameters.map((each) => (
          <Line key={each.name} name={`${each.name} (${each.in}, ${each.schema.type})`}>
            {each.description}
          </Line>
        ))}
        {body ? (
          <Line name="body">
            <Shape of={body} />
          </Line>
        ) : null}
        {Object.entries(operation.responses).map(([status, answer]) => (
          <Line key={status} name={status}>
            <Answered answer={answer} />
          </Line>
        ))}
      </ul>
    </section>
  );
}

function Answered({ answer }: { answer: Answer }) {
  const content = Object.entries(answer.content ?? {});
  if (!content.length) return <>{answer.description}</>;
  return content.map(([type, { schema }]) => (
    <span key={type}>
      {type}: <Shape of={schema} />{" "}
    </span>
  ));
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <li>
      <code>{name}</code>: {children}
    </li>
  );
}
