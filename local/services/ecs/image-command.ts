import { notServed } from '#local/kernel/aws-error.ts';

/**
 * Makes sure that a container's command is one that runs without its image: `node` with a program
 * from the image's folder.
 *
 * @throws AwsError `NotServedLocally` for any other command, or none, which would be the image's own
 */
export function checkCommand(command: readonly unknown[]): void {
  if (command.some((part) => typeof part !== 'string') || command[0] !== 'node') {
    throw notServed(`containers whose command is not node: ${JSON.stringify(command)}`);
  }
}
