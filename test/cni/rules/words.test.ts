import assert from 'node:assert/strict';
import fc from 'fast-check';

import * as names from '../../../cni/redirect/annotations.ts';
import { decide } from '../../../cni/redirect/decide.ts';
import { type RedirectPlan } from '../../../cni/redirect/plan.ts';
import { renderApply, renderReplace } from '../../../cni/rules/restore.ts';
import { rulesets } from '../../../cni/rules/ruleset.ts';
import { CniError, ErrorCode } from '../../../cni/spec/error.ts';
import { podFacts } from '../../support/pod.ts';

/** Items that are fine, and what breaks out of an item, a word, a line or a quotation. */
const ports = ['80', '8000-8010', '15008'];
const ranges = ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', 'fd00::1'];
const interfaces = ['eth1', 'net1.100', 'a-b_c'];
const hostile = [
  '',
  ' ',
  '*',
  '-j ACCEPT',
  '\n',
  '\nCOMMIT\n',
  '"',
  "'",
  '`id`',
  '$(id)',
  ';',
  '\\',
];

/** Lists that are fine, others that are so but for one item, and any text at all. */
function lists(fine: readonly string[], most = 3): fc.Arbitrary<string> {
  const item = fc.constantFrom(...fine);
  const spoiled = fc.tuple(item, fc.constantFrom(...hostile)).map(([good, bad]) => good + bad);
  const list = (of: fc.Arbitrary<string>) => fc.array(of, { minLength: 1, maxLength: most });
  return fc.oneof(
    { weight: 8, arbitrary: list(item).map((items) => items.join(' , ')) },
    { weight: 1, arbitrary: list(fc.oneof(item, spoiled)).map((items) => items.join()) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

const annotations = fc.record(
  {
    [names.INTERCEPTION_MODE]: lists(['REDIRECT', 'TPROXY'], 1),
    [names.STATUS_PORT]: lists(['15021'], 1),
    [names.INCLUDE_OUTBOUND_RANGES]: lists(ranges),
    [names.EXCLUDE_OUTBOUND_RANGES]: lists(ranges),
    [names.INCLUDE_INBOUND_PORTS]: lists(ports),
    [names.EXCLUDE_INBOUND_PORTS]: lists(ports),
    [names.INCLUDE_OUTBOUND_PORTS]: lists(ports),
    [names.EXCLUDE_OUTBOUND_PORTS]: lists(ports),
    [names.EXCLUDE_INTERFACES]: lists(interfaces),
    [names.REROUTE_INTERFACES]: lists(interfaces),
    'example.com/anything': fc.string({ unit: 'binary' }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** All lines that a restore is ever told; a rule's words are looked at one by one. */
const LINE = /^(\*(raw|mangle|nat)|COMMIT|-S|-N ISTIO_[A-Z_]+|:ISTIO_[A-Z_]+ - \[0:0\])?$/;
const RULE = /^(-A ISTIO_[A-Z_]+|-I [A-Z]+ \d+) (.+)$/;
const COMMENT = /-m comment --comment "sluice:[a-z0-9-]+( sluice\/0\.1\.0 [0-9a-f]{16})?"/;
const WORDS = [
  /^(!|-[iodspmj])$/,
  /^--([ds]port|to-ports|[ug]id-owner|ctstate|mark|set-xmark|(save|restore)-mark|nfmask|ctmask)$/,
  /^--(on-port|on-ip|tproxy-mark|zone)$/,
  /^(tcp|udp|owner|conntrack|connmark|mark)$/,
  /^(ISTIO_[A-Z_]+|[A-Z]+|RELATED,ESTABLISHED)$/,
  /^\d+(:\d+)?$/,
  /^0x[0-9a-f]+(\/0x[0-9a-f]+)?$/,
  /^[0-9a-f.:]+(\/\d+)?$/,
];

describe('the input of a restore, whatever the annotations of a pod say', () => {
  it('holds our own words and parsed values, or there is none', async () => {
    let plans = 0;
    let errors = 0;
    await fc.assert(
      fc.asyncProperty(annotations, async (said) => {
        const plan = await planOf(said);
        if (plan === undefined) {
          errors += 1;
          return;
        }
        plans += 1;
        const { ipv4, ipv6 } = rulesets(plan, '0.1.0');
        for (const ruleset of [ipv4, ipv6])
          for (const text of [renderApply(ruleset), renderReplace(ruleset, [])])
            for (const line of text.split('\n')) assertOurs(line, plan);
      }),
      { numRuns: 400 },
    );
    assert.ok(plans > 20 && errors > 20, `${plans} plans, ${errors} errors`);
  });
});

/** Undefined: refused with error 100, for nothing else is an answer. */
async function planOf(said: Readonly<Record<string, string>>): Promise<RedirectPlan | undefined> {
  try {
    const decision = await decide(podFacts({ annotations: said }));
    assert.equal(decision.action, 'redirect');
    return decision.plan;
  } catch (error) {
    assert.ok(error instanceof CniError, String(error));
    assert.equal(error.code, ErrorCode.invalidAnnotation);
    return undefined;
  }
}

function assertOurs(line: string, { excludeInterfaces, virtualInterfaces }: RedirectPlan): void {
  if (LINE.test(line)) return;
  const [, , rule = ''] = RULE.exec(line) ?? [];
  assert.match(rule, COMMENT, line);
  const words = rule.replace(COMMENT, '').trim().split(/ +/);
  const named: readonly string[] = ['lo', ...excludeInterfaces, ...virtualInterfaces];
  words.forEach((word, i) => {
    const isName = /^-[io]$/.test(words[i - 1] ?? '');
    const patterns = isName ? [/^[A-Za-z][\w.-]{0,14}$/] : WORDS;
    assert.ok(!isName || named.includes(word), line);
    assert.ok(
      patterns.some((pattern) => pattern.test(word)),
      `${JSON.stringify(word)} in ${line}`,
    );
  });
}
