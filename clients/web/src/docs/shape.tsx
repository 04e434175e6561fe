/** The shape of a value in JSON, in words, with links to the shapes it is made of. */
import type { Schema } from "./document";

export function Shape({ of }: { of: Schema }) {
  if (of.$ref) {
    const name = of.$ref.split("/").pop() ?? "";
    return <a href={`#schema-${name}`}>{name}</a>;
  }
  if (of.type === "array" && of.items)
    return (
      <span>
        list of <Shape of={of.items} />
      </span>
    );
  if (typeof of.additionalProperties === "object")
    return (
      <span>
        map to <Shape of={of.additionalProperties} />
      </span>
    );
  if (of.oneOf) return <span>number, or NaN, Infinity, -Infinity as text</span>;
  if (of.properties) return <Fields of={of} />;
  return <span>{of.format ? `${of.type} (${of.format})` : (of.contentEncoding ?? of.type)}</span>;
}

export function Fields({ of }: { of: Schema }) {
  return (
    <ul className="docs-fields">
      {Object.entries(of.properties ?? {}).map(([name, inner]) => (
        <li key={name}>
          <code>{name}</code>: <Shape of={inner} /> {inner.description}
        </li>
      ))}
    </ul>
  );
}
