import { type Context } from './context.ts';
import { type Request } from './spec/request.ts';

/**
 * DEL and GC: drops records. Rules stay: they go with the netns.
 *
 * DEL never fails for a record that cannot be removed: the runtime could not finish the pod's end, and GC
 * comes by again.
 */
export async function forget(
  request: Extract<Request, { command: 'DEL' | 'GC' }>,
  context: Context,
): Promise<void> {
  const { log } = context;
  const host = await context.host();
  if (request.command === 'GC') {
    const { config, validAttachments } = request;
    for (const warning of config.warnings) log('warn', warning);
    if (validAttachments === undefined) return;
    const dropped = host.collectGarbage(config.settings().stateDir, validAttachments);
    if (dropped.length > 0) log('info', 'records dropped', { dropped: dropped.length });
    return;
  }
  for (const warning of request.warnings) log('warn', warning);
  try {
    host.removeRecord(request.stateDir, request);
  } catch (error) {
    log('warn', 'record not removed', {
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}
