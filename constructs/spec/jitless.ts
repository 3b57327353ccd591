import { config } from 'zod';

// zod would write and compile code for each shape that it checks, which pays where one process checks for long. To be
// imported before the shapes are made.
config({ jitless: true });
