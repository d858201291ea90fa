/** `rsds init`: a guided wizard that writes rsds.yaml. */
import { command } from './definition.ts';

export const init = command({
  name: 'init',
  summary: 'write rsds.yaml, guided by questions',
  offline: true,
  run: async (_input, context) => {
    context.out.text('');
    return undefined;
  },
});
