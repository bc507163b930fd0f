import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createRedact } from '../../../debug/bugreport/redact.ts';

const redact = createRedact(['known-secret-1']);

describe('createRedact()', () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl';
  const texts: Readonly<Record<string, readonly [text: string, left: string]>> = {
    'a known secret anywhere': ['see (known-secret-1)', 'see ([redacted])'],
    'a service account token': [`x ${jwt} y`, 'x [redacted] y'],
    'a bearer token': ['Authorization is Bearer abcdef123', 'Authorization is Bearer [redacted]'],
    'a user in a URL': ['https://bob:pw@example.com/x', 'https://[redacted]@example.com/x'],
    'an assigned password': ['DB_PASSWORD=hunter2 next', 'DB_PASSWORD=[redacted] next'],
    'a token of YAML': ['    token: abc-def', '    token: [redacted]'],
    'a quoted value': [`api_key: 'a b c' d`, `api_key: '[redacted]' d`],
    'an option': ['run --db-password hunter2 --x', 'run --db-password [redacted] --x'],
    'an AWS key': ['AKIAABCDEFGHIJKLMNOP', '[redacted]'],
    'a private key': [
      'a\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----\nb',
      'a\n[redacted]\nb',
    ],
    'a key of JSON': ['{"apiToken":"x","a":1}', '{"apiToken":"[redacted]","a":1}'],
    'a line of JSON': ['one\n{"password":"x"}', 'one\n{"password":"[redacted]"}'],
    'annotations of others': [
      '{"annotations":{"example.com/x":"y","sidecar.istio.io/status":"{}"}}',
      '{"annotations":{"example.com/x":"[redacted]","sidecar.istio.io/status":"{}"}}',
    ],
    'a variable': [
      '{"env":[{"name":"X","value":"y"},{"name":"INVALID_DROP","value":"true"}]}',
      '{"env":[{"name":"X","value":"[redacted]"},{"name":"INVALID_DROP","value":"true"}]}',
    ],
    'arguments of an app': [
      '[{"name":"app","args":["-p","x"]},{"name":"istio-proxy","args":["proxy"]}]',
      '[{"name":"app","args":["[redacted]","[redacted]"]},{"name":"istio-proxy","args":["proxy"]}]',
    ],
  };
  for (const [name, [text, left]] of Object.entries(texts)) {
    it(`takes out ${name}`, () => {
      assert.equal(redact(text), left);
    });
  }

  const kept = [
    '-A ISTIO_OUTPUT -m owner --uid-owner 1337 -m comment --comment "sluice:proxy-uid" -j RETURN',
    '{"phases":{"facts":1.5},"hash":"0123abcd","netns":{"path":"/run/netns/a"}}',
    'sluice_adds_total{decision="redirect",outcome="redirected"} 5',
    '10.0.0.1 dev eth0 lladdr 02:00:00:00:00:01 REACHABLE',
  ];
  for (const text of kept) {
    it(`leaves ${text}`, () => {
      assert.equal(redact(text), text);
    });
  }

  it('leaves JSON what it is, whatever it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ minLength: 1 }), (value, secret) => {
        const text = JSON.stringify({ value, password: secret });
        const redacted = JSON.parse(redact(text)) as Record<string, unknown>;
        assert.equal(redacted.password, '[redacted]');
      }),
    );
  });
});
