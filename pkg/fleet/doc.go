// Package fleet is the language: it reads a fleet's files and returns the orders that they describe, evaluated,
// checked, and sorted by address, with the limits of the rollout.
//
// The way of a file through the package:
//
//   - source.go finds and reads files, parse.go parses them, after nesting.go has bounded how deep they nest;
//   - document.go sorts their blocks into a document, after override.go has laid those of override files over the others;
//     content.go says what is unknown and what was probably meant;
//   - given.go collects the values of variables from their five sources, assign.go picks, converts and validates them
//     (convert.go, validation.go), and local.go evaluates locals; reference.go checks first what expressions refer to;
//   - sensitive.go says how a value is marked as one that is not to be shown, and where none may be;
//   - layer.go evaluates the attributes of defaults, region and order blocks, dynamic.go those of blocks that are there or
//     not, and settings.go merges them;
//   - expand.go turns for_each and count into elements, and builder.go turns elements into orders, on all cores;
//   - condition.go judges what must be true, precondition.go of each order, and lifecycle.go reads what plans leave alone;
//   - output.go and check.go read the blocks that wait for what is bought, orderreference.go checks which orders they
//     name, and evaluator.go evaluates them, once as a trial and then with what the state knows (ordervalue.go), of
//     which no more is made than they use (orderuse.go); console.go evaluates what somebody types;
//   - price.go and limits.go evaluate what instances cost and what one apply may buy, rollout.go and wave.go how it goes
//     about it; scalar.go and namelist.go read such settings, and rolloutcheck.go, wavecheck.go and tolerancecheck.go say
//     which of a rollout can't work;
//   - meter.go bounds what an expression may take, by the meters that metered.go puts into it, JSON's made native first
//     (jsonexpression.go); amplify.go asks functions beforehand what they would come to, and size.go counts a value's parts;
//   - finding.go says what is wrong with many orders of one block once, not once for each;
//   - format.go lays files out, and graph.go says what in a fleet gets its values from what.
//
// Every mistake of every file is reported in one go. A diagnostic's summary is constant for its kind; its detail
// says what is wrong, why, and what to write.
package fleet
