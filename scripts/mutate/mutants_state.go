package main

// The journal, its two files, and the syncs.

var stateMutants = []list{
	{"pkg/state/writer.go", []string{stateTests}, []mutant{
		{name: "an entry is answered after it is durable", edit: edit{old: "\terr := w.flush(g)\n\tanswer(g.accepted, err)", new: "\tanswer(g.accepted, nil)\n\terr := w.flush(g)"}},
		{name: "after a failed write nothing is acknowledged", edit: edit{old: "\t\tanswer(tickets, w.broken)\n", new: "\t\tanswer(tickets, nil)\n"}},
		{name: "after a failed write nothing is written to the database", edit: edit{old: "\tif w.broken != nil {\n\t\tanswer(tickets, w.broken)", new: "\tif false {\n\t\tanswer(tickets, w.broken)"}},
		{name: "outcomes after a failed commit are saved", edit: edit{old: "\t\tw.save(tickets)\n", new: ""}},
		{name: "outcomes of the group that failed are saved", edit: edit{old: "\t\tw.saveGroup(g)\n", new: ""}},
		{name: "only outcomes are saved", edit: edit{old: "return t.outcome == nil || err != nil // one that does", new: "return t.note != nil || err != nil // one that does"}},
		{name: "what does not fit is not saved", edit: edit{old: "return t.outcome == nil || err != nil // one that does", new: "return t.outcome == nil || err != nil && false // one that does"}},
		{name: "outcomes that the log did not take are saved elsewhere", edit: edit{old: "\t\tw.rescue.keep(g.accepted)\n", new: ""}},
		{name: "outcomes that the log does not take any more are saved elsewhere", edit: edit{old: "\t\tw.rescue.keep(fitting)\n", new: ""}},
		{name: "a log that was taken away saves nothing", edit: edit{old: "return w.logBroken || w.held.check() != nil }", new: "return w.logBroken }"}},
		{name: "a log that failed is not written any more", edit: edit{old: "return w.logBroken || w.held.check() != nil }", new: "return w.held.check() != nil }"}},
		{name: "an entry that is refused is not written", edit: edit{old: "\t\tif err := w.add(g, t); err != nil {\n\t\t\tanswer([]ticket{t}, err)", new: "\t\tif err := w.add(g, t); err != nil {\n\t\t\tanswer([]ticket{t}, nil)"}},
		{name: "a group sees its own entries", edit: edit{old: "if r, ok := g.pending[address]; ok {", new: "if r, ok := g.pending[address]; ok && false {"}},
		{name: "an entry that can't follow is refused", edit: edit{old: "\tafter, _, err := line.apply(before)\n\treturn line, after, err", new: "\tafter, _, _ := line.apply(before)\n\treturn line, after, nil"}},
		{name: "the log holds what was before the run", edit: edit{old: "\t\tline.Before = new(toDisk(before))\n", new: ""}},
		{name: "the records' count and sum are written", edit: edit{old: "\tnext.Records, next.Sum = w.store.content.records.with(records)\n", new: ""}},
		{name: "the serial grows with every group", edit: edit{old: "next.Serial, next.Seq = next.Serial+1, g.seq", new: "next.Seq = g.seq"}},
		{name: "the database knows how far the log is", edit: edit{old: "next.Serial, next.Seq = next.Serial+1, g.seq", new: "next.Serial = next.Serial+1"}},
		{name: "room is kept for outcomes", edit: edit{old: "if err := w.log.Reserve(len(g.lines) + logRoom); err != nil {", new: "if err := error(nil); err != nil {"}},
		{name: "a failed log write counts", edit: edit{old: "\tcase logErr != nil:\n\t\treturn w.fail(w.store.paths.RunLog(w.run), logErr)\n", new: ""}},
		{name: "a failed commit counts", edit: edit{old: "\tcase committed != nil:\n\t\treturn w.fail(w.store.paths.DB, committed)\n", new: ""}},
		{name: "the answer waits for the log", edit: edit{old: "\tlogErr := <-logged\n", new: "\tvar logErr error\n"}},
		{name: "nothing is acknowledged once the state is taken away", edit: edit{old: "if err := cmp.Or(w.store.inPlace(), w.held.check()); err != nil {", new: "if err := cmp.Or[error](nil); err != nil {"}},
		{name: "nothing is acknowledged once the log is taken away", edit: edit{old: "cmp.Or(w.store.inPlace(), w.held.check())", new: "cmp.Or(w.store.inPlace())"}},
		{name: "a failed note counts", edit: edit{old: "\t\tw.logBroken = true\n\t\treturn w.fail(w.store.paths.RunLog(w.run), err)\n\t}\n\tw.seq = g.seq", new: "\t}\n\tw.seq = g.seq"}},
		{name: "a store that failed starts no run", edit: edit{old: "\tw.store.broken = w.broken\n", new: ""}},
		{name: "the run's end is written", edit: edit{old: "\t\terr = w.writeEnd(summary)\n", new: ""}},
		{name: "a failed run is not closed", edit: edit{old: "\terr := w.broken\n\tfailpoint", new: "\tvar err error\n\tfailpoint"}},
		{name: "a line says what was durable before it", edit: edit{old: "line.Seq, line.Synced = g.seq+1, w.synced", new: "line.Seq = g.seq + 1"}, tests: []string{stateTests, powerCuts}},
	}},
	{"pkg/state/run.go", []string{stateTests}, []mutant{
		{name: "an intent of another run is refused", edit: edit{old: "if i.Run != r.id {", new: "if false {"}},
		{name: "an outcome of another run is refused", edit: edit{old: "if o.Run != r.id {", new: "if false {"}},
		{name: "an intent of a run that ended is refused", edit: edit{old: "\tif err := ctx.Err(); err != nil {\n\t\treturn err\n\t}\n\ti.At", new: "\ti.At"}},
		{name: "an entry waits for its answer", edit: edit{old: "\treturn <-t.durable\n", new: "\treturn nil\n"}},
		{name: "an outcome is recorded whatever its context", edit: edit{old: "return r.wait(context.Background(), ticket{outcome: &o})", new: "ctx, cancel := context.WithCancel(context.Background())\n\tcancel()\n\treturn r.wait(ctx, ticket{outcome: &o})"}},
		{name: "a run that is closed takes nothing", edit: edit{old: "\tif r.closed {\n\t\treturn ErrClosed\n\t}\n", new: ""}},
	}},
	{"pkg/state/store.go", []string{stateTests, sessions}, []mutant{
		{name: "a state is bound before a run", edit: edit{old: "case !s.bound:", new: "case false:"}},
		{name: "a state that refuses is not bound", edit: edit{old: "s.bound = err == nil", new: "s.bound = true"}},
		{name: "a store has one run at a time", edit: edit{old: "case s.run != nil:", new: "case false:"}},
		{name: "a store that failed starts no run, by its own word", edit: edit{old: "case s.broken != nil:\n\t\treturn s.broken\n", new: ""}},
		{name: "a closed store starts no run", edit: edit{old: "case s.closed:\n\t\treturn ErrClosed\n", new: ""}},
		{name: "no run starts after its context ended", edit: edit{old: "case ctx.Err() != nil:\n\t\treturn ctx.Err()\n", new: ""}},
		{name: "no run starts once the state is taken away", edit: edit{old: "\tif err := s.inPlace(); err != nil {\n\t\treturn err\n\t}\n\tfor id", new: "\tfor id"}},
		{name: "a plan is used once", edit: edit{old: "if info.PlanID != \"\" && run.PlanID == info.PlanID {", new: "if run.PlanID == \"-\" {"}},
		{name: "the lock file is held too", edit: edit{old: "return cmp.Or(s.held.check(), s.lock.held.check())", new: "return cmp.Or(s.held.check())"}},
		{name: "the database is held", edit: edit{old: "return cmp.Or(s.held.check(), s.lock.held.check())", new: "return cmp.Or(s.lock.held.check())"}},
		{name: "a state is opened under its lock", edit: edit{old: "\tlock, err := acquire(ctx, paths.Lock, owner, lockTimeout)\n", new: "\tlock, err := acquire(ctx, paths.Lock+owner.Command+canonical(time.Now()).String(), owner, lockTimeout)\n"}},
		{name: "the lock names the lineage", edit: edit{old: "\treturn s.lock.setState(h.Lineage, 0)\n", new: "\treturn nil\n"}},
		{name: "a run begins in the database", edit: edit{old: "return putSealed(tx, bucketRuns, []byte(info.ID), started)", new: "return nil"}},
		{name: "records are written", edit: edit{old: "if err := bucket.Put([]byte(r.record.Address.String()), r.sealed); err != nil {", new: "if err := error(nil); err != nil || bucket == nil || r.sealed == nil {"}},
		{name: "what an earlier run left is settled", edit: edit{old: "\tif err := s.settle(&r); err != nil {\n", new: "\tif err := error(nil); err != nil {\n"}},
		{name: "what an earlier run left is taken in", edit: edit{old: "\tr, err := recoverLogs(s.paths, c)\n", new: "\tr, err := recovery{content: c}, error(nil)\n"}},
	}},
	{"pkg/state/binding.go", []string{stateTests}, []mutant{
		{name: "a state is of one fleet, account and endpoint", edit: edit{old: "if part.bound != part.wanted {", new: "if false {"}},
	}},
	{"pkg/state/holding.go", []string{stateTests}, []mutant{
		{name: "a file that was replaced is noticed", edit: edit{old: "os.SameFile(h.info, named)", new: "(true || os.SameFile(h.info, named))"}},
		{name: "a file that is gone is noticed", edit: edit{old: "\t\treturn moved(h.path, \"the file is gone\")\n", new: "\t\treturn nil\n"}},
	}},
	{"pkg/state/lock.go", []string{stateTests}, []mutant{
		{name: "the lock is taken", edit: edit{old: "\t\tif locked {\n\t\t\tbreak", new: "\t\tif true || locked {\n\t\t\tbreak"}},
		{name: "readers are waited for", edit: edit{old: "patience = max(timeout, readerGrace)", new: "patience = timeout"}},
		{name: "a wait for the lock can be ended", edit: edit{old: "\t\tcase <-ctx.Done():\n\t\t\treturn nil, errors.Join(ctx.Err(), ", new: "\t\tcase <-make(chan bool):\n\t\t\treturn nil, errors.Join(ctx.Err(), "}, tests: []string{stateTests, sessions, signals}},
	}},
	{"pkg/state/database.go", []string{stateTests}, []mutant{
		{name: "records that are gone are noticed", edit: edit{old: "if n != c.head.Records || sum != c.head.Sum {", new: "if false && n+int(sum) > 0 {"}},
		{name: "records of another time are noticed", edit: edit{old: "if n != c.head.Records || sum != c.head.Sum {", new: "if n != c.head.Records || sum == 1 {"}},
		{name: "pages are checked", edit: edit{old: "\tif err := checkPages(path); err != nil {\n\t\treturn nil, held, err\n\t}\n", new: ""}},
		{name: "a database is never made by opening", edit: edit{old: "flag&^os.O_CREATE", new: "flag"}, equal: "bolt is given only what checkPages has read, so there always is a file"},
		{name: "a later format is refused", edit: edit{old: "case found > format:", new: "case false:"}},
		{name: "a database of something else is refused", edit: edit{old: "if meta == nil || meta.Get(keyFormat) == nil {", new: "if meta == nil {"}},
		{name: "seals are checked", edit: edit{old: "\tif _, err := unseal(sealed); err != nil {\n\t\treturn err\n\t}\n\treturn json.Unmarshal(sealed, v)", new: "\treturn json.Unmarshal(sealed, v)"}},
		{name: "a state that began meanwhile is not overwritten", edit: edit{old: "if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {", new: "if _, err := os.Lstat(to); false {"}},
		{name: "a leftover of a database is removed", edit: edit{old: "if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {", new: "if err := error(nil); err != nil {"}},
		{name: "a run's entry is of its run", edit: edit{old: "if err == nil && r.Run != string(k) {", new: "if false {"}},
	}},
	{"pkg/state/disk.go", []string{stateTests}, []mutant{
		{name: "a record's seal is checked", edit: edit{old: "if e.crc, err = unseal(sealed); err != nil {", new: "if e.crc, err = unseal(sealed); false {"}},
		{name: "a record is of its address", edit: edit{old: "if d.Address != key {", new: "if false {"}},
		{name: "a record of a later version is refused", edit: edit{old: "if d.Version < 1 || d.Version > recordVersion {", new: "if d.Version < 1 {"}},
	}},
	{"pkg/state/seal.go", []string{stateTests}, []mutant{
		{name: "checksums are compared", edit: edit{old: "if !framed || crc != crc32.Checksum(body, castagnoli) {", new: "if !framed || body == nil {"}},
	}},
	{"pkg/state/snapshot.go", []string{stateTests}, []mutant{
		{name: "a database that is gone is not taken for one that never was", edit: edit{old: "if lineage == \"\" && len(runs)+len(rescued) == 0 {", new: "if true || lineage == \"\" {"}},
		{name: "the lock tells of a database that is gone", edit: edit{old: "if lineage == \"\" && len(runs)+len(rescued) == 0 {", new: "if _ = lineage; len(runs)+len(rescued) == 0 {"}},
		{name: "run logs tell of a database that is gone", edit: edit{old: "if lineage == \"\" && len(runs)+len(rescued) == 0 {", new: "if lineage == \"\" {"}},
		{name: "a reader takes in what the log knows more", edit: edit{old: "\tr, err := recoverLogs(paths, c)\n", new: "\tr, err := recovery{content: c}, error(nil)\n"}},
	}},
	{"pkg/state/recovery.go", []string{stateTests}, []mutant{
		{name: "a log of another lineage or run is refused", edit: edit{old: "if log.lastSeq > 0 && (log.header.Lineage != r.content.head.Lineage || log.header.Run != id) {", new: "if false {"}},
		{name: "a log of another lineage is refused", edit: edit{old: "log.header.Lineage != r.content.head.Lineage || log.header.Run != id", new: "log.header.Run != id"}},
		{name: "lines that the database holds are not taken again", edit: edit{old: "if line.Seq <= held {", new: "if false {"}},
		{name: "all lines that the database lacks are taken", edit: edit{old: "if line.Seq <= held {", new: "if line.Seq <= held+1 {"}},
		{name: "a line that does not fit is refused", edit: edit{old: "\tafter, _, err := line.apply(before)\n\tif err != nil {\n\t\treturn err\n\t}\n\tencoded", new: "\tafter, _, err := line.apply(before)\n\tif err != nil {\n\t\treturn nil\n\t}\n\tencoded"}},
		{name: "a missing log is noticed", edit: edit{old: "case h.Serial > serial:", new: "case false:"}},
		{name: "two copies of a state are noticed", edit: edit{old: "case h.Serial < serial:", new: "case false:"}},
		{name: "the log gets what it lacks", edit: edit{old: "\t\trun.lacking = r.lacking(id, log)\n", new: ""}},
		{name: "the serial does not fall back", edit: edit{old: "h.Serial = max(h.Serial, log.serial)", new: "_ = log.serial"}},
		{name: "a log that can't be read is refused", edit: edit{old: "\t\treturn damagedLog(path, \"the run log can't be followed\", err)\n", new: "\t\treturn nil\n"}},
	}},
	{"pkg/state/fold.go", []string{stateTests}, []mutant{
		{name: "missing lines are noticed", edit: edit{old: "case line.Seq != f.lastSeq+1 && (line.Type != lineRecord || line.Seq <= f.lastSeq):", new: "case false:"}},
		{name: "a later version is refused", edit: edit{old: "if line.Header.Version > logVersion {", new: "if false {"}},
		{name: "a log begins with its header", edit: edit{old: "if line.Type != lineStarted || line.Header == nil || line.Seq != 1 {", new: "if line.Header == nil {"}},
	}},
	{"pkg/state/logscan.go", []string{stateTests}, []mutant{
		{name: "a line's seal is checked", edit: edit{old: "\tif _, err := unseal(sealed); err != nil {", new: "\tif _, err := unseal(sealed); false {"}},
		{name: "a broken line in the middle is no torn end", edit: edit{old: "case d.err == nil && !d.line.mayFollowTorn(f.lastSeq+1):", new: "case false:"}},
	}},
	{"pkg/state/reserve_linux.go", []string{stateTests}, []mutant{
		{name: "room is asked of the disk", edit: edit{old: "failed = syscall.Fallocate(int(fd), keepSize, offset, n)", new: "failed = nil; _ = keepSize; _, _ = offset, n"}},
	}},
}

// syncMutants take away each sync. Where a test counts the calls, that is quicker than a power cut.
var syncMutants = []list{
	{"pkg/state/writer.go", []string{stateTests, powerCuts}, []mutant{
		{name: "fsync of the log", edit: edit{old: "\t\terr = w.log.Sync()\n", new: ""}},
	}},
	{"pkg/state/runlog.go", []string{stateTests, powerCuts}, []mutant{
		{name: "fsync of a new log", edit: edit{old: "errors.Join(err, file.Sync(), syncDir(s.paths.Runs)); err != nil", new: "errors.Join(err, syncDir(s.paths.Runs)); err != nil"}},
		{name: "fsync of a new log's name", edit: edit{old: "errors.Join(err, file.Sync(), syncDir(s.paths.Runs)); err != nil", new: "errors.Join(err, file.Sync()); err != nil"}},
		{name: "fsync of a log that is cut", edit: edit{old: "writeAgain(file, length), file.Sync())", new: "writeAgain(file, length))"}},
		{name: "what a log held when it was cut is written again", edit: edit{old: "writeAgain(file, length), file.Sync())", new: "file.Sync())"}},
		{name: "fsync of a log that is completed", edit: edit{old: "return errors.Join(err, file.Sync(), file.Close())", new: "return errors.Join(err, file.Close())"}},
		{name: "a log that was never closed is completed", edit: edit{old: "return run.lastSeq, appendAt(s.paths.RunLog(run.id), run.log.length, text)", new: "return run.lastSeq, nil"}},
	}},
	{"pkg/state/database.go", []string{stateTests, powerCuts}, []mutant{
		{name: "fsync of a new database's name", edit: edit{old: "\t\terr = syncDir(filepath.Dir(path))\n", new: "\t\t_ = filepath.Dir(path)\n"}},
		{name: "fsync of the database", edit: edit{old: "\t\theld, err = newHolding(path, file)\n\t\treturn db", new: "\t\tdb.NoSync = true\n\t\theld, err = newHolding(path, file)\n\t\treturn db"}},
	}},
	{"pkg/state/paths.go", []string{stateTests, powerCuts}, []mutant{
		{name: "fsync of the state's directory's name", edit: edit{old: "\t\tif err := syncDir(filepath.Dir(dir)); err != nil {", new: "\t\tif err := error(nil); err != nil {"}},
		{name: "fsync of a directory's name", edit: edit{old: "return errors.Join(tighten(dir, dirMode), syncDir(filepath.Dir(dir)))", new: "return tighten(dir, dirMode)"}},
		{name: "fsync of directories at all", edit: edit{old: "return errors.Join(d.Sync(), d.Close())", new: "return d.Close()"}, tests: []string{powerCuts}},
	}},
	{"pkg/state/backup.go", []string{stateTests, powerCuts}, []mutant{
		{name: "fsync of a backup", edit: edit{old: "\t\terr = out.Sync()\n", new: ""}},
		{name: "fsync of a backup's name", edit: edit{old: "\t\terr = syncDir(filepath.Dir(to))\n", new: ""}},
	}},
	{"pkg/state/rescue.go", []string{stateTests}, []mutant{
		{name: "fsync of saved outcomes", edit: edit{old: "\treturn file.Sync()\n", new: "\treturn nil\n"}},
		{name: "fsync of saved outcomes' name", edit: edit{old: "errors.Join(appendTo(file, lines), syncDir(filepath.Dir(path))) != nil", new: "appendTo(file, lines) != nil"}},
	}},
	{"pkg/state/restore.go", []string{stateTests, powerCuts}, []mutant{
		{name: "fsync of a restored database's name", edit: edit{old: "\tif err := syncDir(filepath.Dir(r.paths.DB)); err != nil {", new: "\tif err := error(nil); err != nil && filepath.Dir(\"\") == \"\" {"}},
	}},
	{"pkg/state/plankey.go", []string{stateTests}, []mutant{
		{name: "fsync of the key", edit: edit{old: "errors.Join(err, f.Sync(), f.Close()); err == nil", new: "errors.Join(err, f.Close()); err == nil"}},
		{name: "fsync of the key's name", edit: edit{old: "return key, errors.Join(err, syncDir(filepath.Dir(paths.PlanKey)))", new: "return key, err"}},
	}},
}
