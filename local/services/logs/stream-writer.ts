import { AwsError } from '#local/kernel/aws-error.ts';
import type { Cloud } from '#local/kernel/cloud.ts';
import type { Principal } from '#local/kernel/service.ts';

/** How long lines are gathered before they are sent. */
const GATHER_MS = 50;
/** Well below the 10,000 events of a call. */
const MOST_LINES = 1000;

/** Lines that a role writes to a stream of its own, as Lambda and ECS do with a role's permissions. */
export interface StreamWriter {
  /** @param line without its newline */
  write(line: string): void;
  /** Sends what was gathered. */
  flush(): Promise<void>;
}

/**
 * Opens a log stream in the name of a role. Its CreateLogStream and PutLogEvents are judged like any
 * call; lines that the role may not write are lost, as on AWS, and the reason goes to stderr once.
 */
export function openLogStream(
  cloud: Cloud,
  where: { readonly group: string; readonly stream: string; readonly principal: Principal },
): StreamWriter {
  const name = { logGroupName: where.group, logStreamName: where.stream };
  const call = (action: string, input: object) =>
    cloud.call({ service: 'logs', action, input, principal: where.principal });
  let lines: { timestamp: number; message: string }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let complained = false;
  const complain = (error: unknown): void => {
    if (!(error instanceof AwsError)) throw error;
    if (!complained) console.error(`${where.group}: ${error.message}`);
    complained = true;
  };
  const created = call('CreateLogStream', name).catch(complain);

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    await created;
    const logEvents = lines;
    lines = [];
    if (logEvents.length > 0) await call('PutLogEvents', { ...name, logEvents }).catch(complain);
  }

  return {
    flush,
    write(message) {
      lines.push({ timestamp: cloud.now(), message });
      if (lines.length >= MOST_LINES) void flush();
      else timer ??= setTimeout(() => void flush(), GATHER_MS).unref();
    },
  };
}
