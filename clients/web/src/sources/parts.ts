/** The parts of a source's schema, by the names that the contract gives them. */
import type { SchemaJson } from "@levada/client";

export type TableJson = NonNullable<SchemaJson["tables"]>[number];
export type ColumnJson = NonNullable<TableJson["columns"]>[number];
export type ForeignKeyJson = NonNullable<TableJson["foreignKeys"]>[number];
export type DefinitionJson = NonNullable<SchemaJson["definitions"]>[number];
