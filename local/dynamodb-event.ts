import { Buffer } from 'node:buffer';
import type { AttributeValue, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { changeBytes } from '../shared/adapters/item-rules/feeds.ts';
import { LIMITS } from '../shared/kernel/limits.ts';
import type { ItemChange, ItemChanges } from '../shared/ports/item-changes.ts';
import type { Item, ItemKey, ItemValue } from '../shared/ports/item-store.ts';
import type { EventSource } from './event-source.ts';

/** What DynamoDB says of who deleted an item that expired. */
const EXPIRY = { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const;
/** Two images of full size, and their keys twice. */
const CHANGE_BYTES_MAX = 2 * LIMITS.itemBytes + 2 * (LIMITS.partitionKeyBytes + LIMITS.sortKeyBytes);

/** The change feed of a table as Lambda reads it. */
export function dynamodbSource(input: {
  readonly changes: ItemChanges;
  readonly table: string;
}): EventSource<ItemChange, DynamoDBStreamEvent> {
  const { changes, table } = input;
  return {
    readMax: LIMITS.changeReadRecords,
    shards: () => changes.shards(table),
    read: (range) => changes.read({ table, ...range }),
    isFull: (batch) => {
      const bytes = batch.reduce((sum, change) => sum + changeBytes(change), 0);
      return bytes > LIMITS.changeReadBytes - CHANGE_BYTES_MAX;
    },
    toEvent: (batch) => ({ Records: batch.map((change) => toRecord(table, change)) }),
  };
}

function toRecord(table: string, change: ItemChange): DynamoDBRecord {
  const { key, before, after, sequenceNumber, changedAtMs, cause } = change;
  return {
    eventID: `${table}:${sequenceNumber}`,
    eventName: before === null ? 'INSERT' : after === null ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'local',
    eventSourceARN: `arn:aws:dynamodb:local:000000000000:table/${table}/stream/changes`,
    ...(cause === 'expiry' ? { userIdentity: EXPIRY } : {}),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(changedAtMs / 1000),
      Keys: marshallItem({ pk: key.pk, sk: key.sk }),
      ...(before === null ? {} : { OldImage: marshallItem(before) }),
      ...(after === null ? {} : { NewImage: marshallItem(after) }),
      SequenceNumber: sequenceNumber,
      SizeBytes: changeBytes(change),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}

type AttributeMap = Record<string, AttributeValue>;

function marshallItem(item: Item | ItemKey): AttributeMap {
  return marshallMap({ ...item });
}

function marshallMap(map: Readonly<Record<string, ItemValue>>): AttributeMap {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, marshall(value)]));
}

/** As Lambda writes it: numbers are text, bytes are base64. */
function marshall(value: ItemValue): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number' || typeof value === 'bigint') return { N: String(value) };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (isList(value)) return { L: value.map(marshall) };
  return { M: marshallMap(value) };
}

function isList(value: ItemValue): value is readonly ItemValue[] {
  return Array.isArray(value);
}
