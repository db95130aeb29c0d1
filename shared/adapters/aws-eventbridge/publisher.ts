import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

const eventBridge = new EventBridgeClient({});

/**
 * Publishes one event of Mirai on its own bus.
 *
 * @throws Error when the bus did not take it
 */
export async function publishEvent(
  busName: string,
  detailType: string,
  detail: Record<string, unknown>,
): Promise<void> {
  const { FailedEntryCount, Entries } = await eventBridge.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: busName,
          Source: 'mirai',
          DetailType: detailType,
          Detail: JSON.stringify(detail),
        },
      ],
    }),
  );
  if (FailedEntryCount) throw new Error(`the event was not taken: ${Entries?.[0]?.ErrorMessage}`);
}
