/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a program may be refused: every rule, with what a person needs to know of it.
 *
 * Each rule has one meaning, and as far as Linux 6.1 leaves that open one errno. Its
 * name is stable: it stands in the report of a refusal, documents and tests use it.
 * The classic line of a refusal stands at the call of reject(), what is known of the
 * case at hand report.c adds. Documentation/bpf/verifier-messages.rst is made from
 * this table; verifier/messages.c of the tests has a refused and an accepted program
 * for each row.
 *
 *	X(name, what is wrong, what is asked for, how to mend it)
 */
#ifndef _BPF_VERIFIER_RULES_H
#define _BPF_VERIFIER_RULES_H

#define VERIFIER_RULES(X) \
	X(INSN_OPCODE, \
	  "there is no such instruction", \
	  "an opcode of RFC 9669", \
	  "compile for the instruction set of this kernel, or load the object with a library that does not cut it") \
	X(INSN_RESERVED, \
	  "a field that the instruction does not use is not zero", \
	  "zero in every field that the opcode has no meaning for", \
	  "build instructions with all other fields zero") \
	X(INSN_REG, \
	  "there is no such register", \
	  "register numbers from 0 to 10", \
	  "use R0 to R9, and R10 for reading only") \
	X(INSN_IMM, \
	  "the immediate makes no sense with this opcode", \
	  "a divisor that is not 0, a shift below the width, an atomic operation that exists", \
	  "correct the constant in the source; compilers leave such ones where the source has them") \
	X(INSN_WIDE, \
	  "a 64-bit immediate without its second half", \
	  "two slots, the second with the upper half and nothing else", \
	  "write both slots, and let no jump count them as one") \
	X(INSN_OBJECT, \
	  "a 64-bit immediate names a kind of object that is not offered here", \
	  "a number, a map, or the value of an array of one element", \
	  "look the element up with bpf_map_lookup_elem() instead of naming its address") \
	X(FD_ARRAY, \
	  "a map is named by its place in a list that cannot be read", \
	  "fd_array of the load holds the descriptor", \
	  "set fd_array, or put the descriptor into the instruction") \
	X(MAP_FD, \
	  "a descriptor is not that of a map", \
	  "an open descriptor of a map in each instruction that names one", \
	  "create the map first and put its descriptor in; a library does so for maps it knows") \
	X(MAP_VALUE, \
	  "the address of a map's value cannot be had like this", \
	  "an array of one element, and an offset inside of its value", \
	  "use a map with max_entries 1, or look the element up") \
	X(MAP_TYPE, \
	  "this helper does not work on maps of this type", \
	  "a map of a type that the helper is made for", \
	  "give it another map; Documentation/bpf/maps.rst says which helper takes which") \
	X(LIMIT_MAPS, \
	  "the program names too many maps", \
	  "at most 64 different maps", \
	  "put several values into one map, under different keys") \
	X(CFG_JUMP, \
	  "a jump leads out of its function, or into the middle of an instruction", \
	  "jumps to instructions of the same function", \
	  "correct the distance: it counts slots behind the jump, and a 64-bit immediate has two") \
	X(CFG_END, \
	  "a function can run on behind its last instruction", \
	  "exit or an unconditional jump at the end of each function", \
	  "end the function with exit") \
	X(CFG_UNREACHABLE, \
	  "no path leads to an instruction", \
	  "each instruction can be reached by jumps from the first", \
	  "remove the code, or the jump that skips it; compilers do so if they optimise") \
	X(CFG_LOOP, \
	  "a loop comes back to where it was and nothing has changed", \
	  "each round changes something that a branch of the loop depends on", \
	  "count the rounds in a variable and leave the loop at a constant") \
	X(CFG_RECURSION, \
	  "a function calls itself, perhaps through others", \
	  "calls that end", \
	  "make a loop of it, with a bound, or a tail call") \
	X(CALL_TARGET, \
	  "a call of a function leads out of the program", \
	  "the target is an instruction of the program", \
	  "link the object: the call has no function yet") \
	X(FUNC_KIND, \
	  "a function of the program contains what only a program without functions may", \
	  "packet loads and tail calls outside of called functions", \
	  "do it in the first function, or let the compiler inline the function") \
	X(CALL_KERNEL, \
	  "functions of the kernel that are no helpers cannot be called here", \
	  "calls of helpers and of functions of the program", \
	  "use a helper; Documentation/bpf/helpers.rst lists them") \
	X(REG_UNINIT, \
	  "a register is read that nothing was written to", \
	  "each register is written on every path before it is read", \
	  "set it on every path that leads here; a call leaves only R0 and R6 to R10") \
	X(REG_FP, \
	  "the frame pointer is written", \
	  "R10 stays as it is", \
	  "copy R10 to another register and move that one") \
	X(PTR_ARITH, \
	  "an address is calculated with in a way that leaves no address", \
	  "addresses of one object plus or minus a number, in 64 bits", \
	  "do the arithmetic with the offset, then add it to the address") \
	X(PTR_RANGE, \
	  "an address is moved too far, or nobody knows how far", \
	  "a number with bounds, and a sum of less than 2^29 bytes from the object", \
	  "bound the number before it is added: mask it, or leave if it is too large or negative") \
	X(NULL_CHECK, \
	  "an address is used that may be NULL", \
	  "a branch on this path has compared it with NULL", \
	  "compare it with NULL right behind the lookup, and use it only where it is not") \
	X(MEM_TYPE, \
	  "what is used as an address is none that may be followed", \
	  "an address on the stack, in a map value, the context, or the packet", \
	  "find out where the address became a number: a narrow copy, arithmetic, a helper; fetch it again") \
	X(STACK_BOUNDS, \
	  "access outside of the stack frame", \
	  "all bytes between fp-512 and fp", \
	  "use an offset that fits the variable; bound an index before it is added; large data belongs in a map") \
	X(VALUE_BOUNDS, \
	  "access outside of a map's value", \
	  "all bytes inside of the value, for every number the offset may be", \
	  "bound the index where it comes from: mask it, or compare it as unsigned and leave if it is too large") \
	X(PACKET_BOUNDS, \
	  "access to packet bytes that may not be there", \
	  "a comparison with data_end on this path that covers all bytes", \
	  "compare the address behind the last byte with data_end and leave if it is greater; do so again after helpers that change the packet") \
	X(CALL_SIZE, \
	  "the size given to a helper is not bounded as it must be", \
	  "a size that is not negative, not too large, and not 0 where the helper needs bytes", \
	  "use a constant, or compare the size with both of its bounds before the call") \
	X(MEM_ALIGN, \
	  "the address is not a multiple of the size", \
	  "natural alignment: on the stack, of atomics, and everywhere if the load asked for it", \
	  "move the variable to a multiple of its size, or access it in smaller parts") \
	X(MEM_KIND, \
	  "one instruction gets at the context on one path and at other memory on another", \
	  "all paths to the instruction bring the same kind of address", \
	  "let each path make its own access, and keep the compiler from merging them") \
	X(MEM_WRITE, \
	  "this memory cannot be written in this way", \
	  "for the context a plain store of a register, for the packet a type that may change it", \
	  "store a register; use a helper for packet bytes") \
	X(MEM_DIRECTION, \
	  "the map was closed to programs in this direction", \
	  "a map without BPF_F_RDONLY_PROG to write, without BPF_F_WRONLY_PROG to read", \
	  "create the map without the flag, or keep such data in another one") \
	X(SPILL, \
	  "an address on the stack would be taken in parts", \
	  "addresses are stored and loaded as 8 bytes at once", \
	  "use an access of 64 bits, or overwrite the slot with numbers first") \
	X(LEAK, \
	  "the address of a stack frame would outlive the frame, or leave it", \
	  "no function returns such an address or stores it in its caller's frame", \
	  "return a number, or let the caller hand its own memory in") \
	X(CTX_ACCESS, \
	  "the context has no such field for this type of program", \
	  "a field with its offset and size that the type may access in this direction", \
	  "access the field as it is declared; what may be written depends on the type of program") \
	X(CTX_MODIFIED, \
	  "the context is accessed through an address that was moved", \
	  "the address as the program received it in R1, with a constant offset in the instruction", \
	  "keep the context in a register or on the stack and put the offset into the access") \
	X(CALL_UNKNOWN, \
	  "there is no such helper for this type of program", \
	  "a helper that this kernel offers to the program type", \
	  "use another helper; Documentation/bpf/helpers.rst says which type has which") \
	X(CALL_GPL, \
	  "the helper is for programs under a licence compatible with the GPL", \
	  "the licence of the load is one of these", \
	  "set the licence, if you may, or do without the helper") \
	X(CALL_ARG, \
	  "an argument of a helper is of the wrong kind", \
	  "what the helper's prototype asks for", \
	  "check the order of the arguments; memory for a helper goes to the stack or into a map value first") \
	X(PKT_LOAD, \
	  "programs of this type have no packet to load from", \
	  "LD_ABS and LD_IND in programs of sockets and of traffic control", \
	  "take the bytes from the context's own fields or a helper") \
	X(PKT_CTX, \
	  "LD_ABS and LD_IND need the context in R6", \
	  "R6 holds the context as the program received it", \
	  "copy R1 to R6 at the start and leave it there") \
	X(LIMIT, \
	  "the program is too complex to be followed to all of its ends", \
	  "at most 1000000 steps, one for each instruction on each path, and the memory for them", \
	  "make loops shorter, join paths early, leave fewer values different where they meet") \
	X(LIMIT_FUNCS, \
	  "too many functions, or calls that nest too deeply", \
	  "at most 256 functions and 8 frames at one time", \
	  "inline small functions, or go on in another program with a tail call") \
	X(LIMIT_STACK, \
	  "functions that call each other take too much stack together", \
	  "at most 512 bytes over all frames of a chain, each rounded up to 32", \
	  "make local variables smaller, or keep them in a map") \
	X(LIMIT_JUMP, \
	  "a conditional jump becomes too long when context loads are expanded", \
	  "at most 32767 instructions between a jump and its target", \
	  "jump over an unconditional jump, or make the code between them shorter")

#endif /* _BPF_VERIFIER_RULES_H */
