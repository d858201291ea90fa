import { describeBadDays } from './bad-days.ts';

describeBadDays(1);
