import { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';

export function bootstrapCommand(_ctx: CommandContext): Command {
  return new Command('bootstrap');
}
