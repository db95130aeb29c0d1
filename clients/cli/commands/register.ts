import type { Command } from '../command.ts';
import { approvals } from './approvals.ts';
import { approve, deny } from './decide.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { runShow } from './run-show.ts';
import { taskCancel } from './task-cancel.ts';
import { taskList } from './task-list.ts';
import { taskRedrive } from './task-redrive.ts';
import { taskShow } from './task-show.ts';
import { taskSubmit } from './task-submit.ts';
import { taskWatch } from './task-watch.ts';
import { up } from './up.ts';

/** Every command of `mirai`, in the order of its help. */
export const COMMANDS: readonly Command[] = [
  up,
  down,
  doctor,
  demo,
  taskSubmit,
  taskWatch,
  taskShow,
  taskList,
  taskCancel,
  taskRedrive,
  runShow,
  approvals,
  approve,
  deny,
];
