// Renders /openapi.json: operations, the reasons of problems, and the shapes of messages.

import { element } from "/static/dom.js";

const api = await (await fetch("/openapi.json")).json();
const schemas = api.components.schemas;

function operations() {
  return Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const lines = operation.parameters.map((each) => item(`${each.name} (${each.in}, ${each.schema.type})`, each.description));
      const body = operation.requestBody?.content["application/json"].schema;
      const answers = Object.entries(operation.responses).map(([status, answer]) => item(status, ...answered(answer)));
      return element("section", { class: "operation", id: operation.operationId },
        element("p", {}, element("strong", {}, method.toUpperCase()), " ", element("code", {}, path)),
        element("p", {}, operation.summary),
        element("ul", {}, ...lines, body ? item("body", shape(body)) : null, ...answers));
    }));
}

function answered(answer) {
  const content = Object.entries(answer.content ?? {});
  return content.length ? content.flatMap(([type, { schema }]) => [`${type}: `, shape(schema), " "]) : [answer.description];
}

function shape(schema) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    return element("a", { href: `#schema-${name}` }, name);
  }
  if (schema.type === "array") return element("span", {}, "list of ", shape(schema.items));
  if (schema.additionalProperties?.type) return element("span", {}, "map to ", shape(schema.additionalProperties));
  if (schema.oneOf) return element("span", {}, "number, or NaN, Infinity, -Infinity as text");
  if (schema.properties) return fields(schema);
  return element("span", {}, schema.format ? `${schema.type} (${schema.format})` : schema.contentEncoding ?? schema.type);
}

function fields(schema) {
  return element("ul", {}, ...Object.entries(schema.properties ?? {}).map(([name, inner]) =>
    element("li", {}, element("code", {}, name), ": ", shape(inner), inner.description ? ` ${inner.description}` : "")));
}

function item(name, ...content) {
  return element("li", {}, element("code", {}, name), ": ", ...content);
}

function schemaSections() {
  return Object.entries(schemas).map(([name, schema]) =>
    element("section", { class: "operation", id: `schema-${name}` },
      element("p", {}, element("strong", {}, name)),
      schema.description ? element("p", { class: "quiet" }, schema.description) : null,
      schema.enum ? element("p", {}, schema.enum.join(", ")) : fields(schema)));
}

const reasons = schemas.Problem.properties.reason.enum.map((reason) => element("li", { id: reason }, element("code", {}, reason)));
document.getElementById("docs").append(
  element("p", {}, api.info.description),
  element("h2", {}, "Operations"), ...operations(),
  element("h2", {}, "Reasons"), element("p", {}, "Each problem names one in its member reason."), element("ul", {}, ...reasons),
  element("h2", {}, "Shapes"), ...schemaSections());
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
