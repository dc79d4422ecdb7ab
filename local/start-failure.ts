import { StoreError } from '../shared/ports/store-error.ts';
import type { ServerSettings } from './settings.ts';

/** One line for what keeps the server from starting and is not our bug; null for anything else. */
export function startFailure(thrown: unknown, settings: ServerSettings): string | null {
  if (thrown instanceof StoreError) {
    const code = thrown.reason === 'disk_full' ? 'storage.full' : 'service.unavailable';
    return `error: ${thrown.message} (${code})\n`;
  }
  if (!(thrown instanceof Error) || !('code' in thrown)) return null;
  const { host, port, dataFolder } = settings;
  switch (thrown.code) {
    case 'storage.locked':
      return `error: ${thrown.message} (storage.locked)\n  stop the other process, or set DATA_DIR to another folder\n`;
    case 'claims.mode_refused':
    case 'claims.parts_fixed':
      return `error: ${thrown.message} (${thrown.code})\n  leave COUNTINGHOUSE_CLAIMS and COUNTINGHOUSE_CLAIM_PARTS as they were, or set DATA_DIR to another folder\n`;
    case 'claims.key_changed':
      return `error: ${thrown.message} (${thrown.code})\n  put back the secrets.json that belongs to ${dataFolder}\n`;
    case 'EADDRINUSE':
      return `error: port ${port} of ${host} is taken (service.unavailable)\n  set PORT to another one\n`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
      return `error: ${dataFolder} or port ${port} cannot be used: ${thrown.message} (service.unavailable)\n`;
    default:
      return null;
  }
}
