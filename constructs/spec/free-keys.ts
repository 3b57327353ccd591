import { z } from 'zod';

/*
 * Mappings with keys of the user's choice. zod's own leave out the key `__proto__` without a word, which is as good a
 * name of an environment variable, or key of a ConfigMap, as any: these keep it.
 */

const KEY = '__proto__';

/** A mapping such as labels or environment variables. */
export function mapping<K extends z.core.$ZodRecordKey, V extends z.core.$ZodType>(
  keyType: K,
  valueType: V,
): z.ZodRecord<K, V> {
  return new Mapping({ type: 'record', keyType, valueType }) as unknown as z.ZodRecord<K, V>;
}

/** Fields that are known, and others that are taken as they are. */
export function openObject<S extends z.core.$ZodLooseShape>(shape: S): z.ZodObject<S, z.core.$loose> {
  return new OpenObject({ type: 'object', shape, catchall: z.unknown() }) as unknown as z.ZodObject<S, z.core.$loose>;
}

const Mapping = z.core.$constructor<z.ZodRecord>('Mapping', (inst, def) => {
  z.ZodRecord.init(inst, def);
  minding(inst, (result, given, context) => {
    const key = def.keyType._zod.run({ value: KEY, issues: [] }, context) as z.core.ParsePayload;
    if (key.issues.length > 0) {
      const issues = key.issues.map((issue) => z.core.util.finalizeIssue(issue, context, z.core.config()));
      result.issues.push({ code: 'invalid_key', origin: 'record', issues, input: KEY, path: [KEY], inst });
      return;
    }
    const own = def.valueType._zod.run({ value: given[KEY], issues: [] }, context) as z.core.ParsePayload;
    result.issues.push(...z.core.util.prefixIssues(KEY, own.issues));
    result.value = withKey(result.value, own.value, given);
  });
});

const OpenObject = z.core.$constructor<z.ZodObject>('OpenObject', (inst, def) => {
  z.ZodObject.init(inst, def);
  minding(inst, (result, given) => {
    result.value = withKey(result.value, given[KEY], given);
  });
});

/** Has a schema do something more with what it has made of a mapping that holds the key. */
function minding(
  { _zod }: z.core.$ZodType,
  more: (result: z.core.ParsePayload, given: Fields, context: z.core.ParseContextInternal) => void,
): void {
  const { parse } = _zod;
  _zod.parse = (payload, context) => {
    const given = payload.value;
    const result = parse(payload, context) as z.core.ParsePayload;
    if (holdsKey(given)) more(result, given, context);
    return result;
  };
}

type Fields = Record<string, unknown>;

function holdsKey(map: unknown): map is Fields {
  return typeof map === 'object' && map !== null && Object.hasOwn(map, KEY);
}

/** What a mapping became, with the key where it was given. */
function withKey(map: unknown, value: unknown, given: Fields): Fields {
  return { ...given, ...(map as Fields), [KEY]: value };
}
