/** What of JSON Schema a federation's schema uses. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A schema with its references followed, and the name of the last one: what is said in two places has one name. */
export interface Resolved extends Schema {
  readonly id?: string;
}

/** Follows references, what stands beside one winning over what it names. */
export function resolver({ definitions = {} }: Schema): (schema: Schema) => Resolved {
  return (schema) => {
    let resolved: Resolved = schema;
    for (;;) {
      const { $ref, allOf, ...rest } = resolved;
      if ($ref !== undefined) {
        const id = $ref.split('/').at(-1) as string;
        resolved = { ...definitions[id], ...rest, id };
      } else if (allOf?.length === 1) {
        resolved = { ...allOf[0], ...rest };
      } else return resolved;
    }
  };
}
