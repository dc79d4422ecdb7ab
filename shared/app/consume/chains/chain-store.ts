import { TABLES } from '../../../contracts/names.ts';
import { defined } from '../../../kernel/assert.ts';
import { LIMITS } from '../../../kernel/limits.ts';
import type { EventIdentity } from '../../../ports/claims.ts';
import type { Condition, ItemStore } from '../../../ports/item-store.ts';
import type { ObjectStore } from '../../../ports/object-store.ts';
import {
  type ChainRecord,
  chainContent,
  chainFromItem,
  chainKey,
  chainToItem,
  NO_CHAIN,
} from '../../records/chain.ts';

interface ChainStoreDeps {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
}

/** The chains of these identities, in their order; strongly consistent. */
export async function readChains(
  deps: ChainStoreDeps,
  identities: readonly EventIdentity[],
): Promise<readonly ChainRecord[]> {
  const found = new Map<string, ChainRecord>();
  for (let from = 0; from < identities.length; from += LIMITS.batchGetKeys) {
    const keys = identities.slice(from, from + LIMITS.batchGetKeys).map(chainKey);
    for (const item of await deps.items.getMany({ table: TABLES.claims, keys })) {
      const { content, object } = chainFromItem(item);
      const body =
        content ??
        defined(await deps.objects.get(defined(object, 'where a chain is')), 'the object of a chain');
      found.set(`${item.pk}/${item.sk}`, chainContent(body));
    }
  }
  return identities.map((identity) => {
    const { pk, sk } = chainKey(identity);
    return found.get(`${pk}/${sk}`) ?? NO_CHAIN;
  });
}

/** False where somebody else extended the chain since it was read. */
export async function writeChain(
  deps: ChainStoreDeps,
  identity: EventIdentity,
  change: { readonly read: ChainRecord; readonly next: ChainRecord },
): Promise<boolean> {
  const { item, object } = chainToItem(identity, change.next);
  // The object first: an item that names one finds it.
  if (object !== null) await deps.objects.put({ ...object, ifAbsent: true });
  const { link } = change.read.chain;
  const condition: Condition =
    link === 0 ? { kind: 'item_absent' } : { kind: 'equal', name: 'link', value: link };
  return (await deps.items.put({ table: TABLES.claims, item, condition })).ok;
}
