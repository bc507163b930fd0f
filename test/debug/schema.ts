import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

const schemas = join(import.meta.dirname, '../../debug/schemas');
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });

/** Fails unless `value` is what the command of this name promises to print as JSON. */
export function assertFits(command: string, value: unknown): void {
  const validate =
    ajv.getSchema(command) ?? ajv.addSchema(schemaOf(command), command).getSchema(command);
  assert.ok(validate, `debug/schemas/${command}.json is no schema`);
  assert.ok(validate(value), ajv.errorsText(validate.errors, { separator: '\n' }));
}

export function schemaOf(command: string): object {
  const schema = JSON.parse(readFileSync(join(schemas, `${command}.json`), 'utf8')) as unknown;
  assert.ok(typeof schema === 'object' && schema !== null);
  return schema;
}
