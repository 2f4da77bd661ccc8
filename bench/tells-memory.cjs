// Loaded into the program that is measured: at its end, it writes what memory it had at most, in kB, to stderr.
process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)));
