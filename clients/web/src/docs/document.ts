/** The parts of /openapi.json that the page of the HTTP interface shows. */

export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  contentEncoding?: string;
  description?: string;
  enum?: string[];
  items?: Schema;
  oneOf?: Schema[];
  additionalProperties?: Schema | boolean;
  properties?: Record<string, Schema>;
}

export interface Answer {
  description?: string;
  content?: Record<string, { schema: Schema }>;
}

export interface Operation {
  operationId: string;
  summary: string;
  parameters: { name: string; in: string; description: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, Answer>;
}

export interface OpenApi {
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}
