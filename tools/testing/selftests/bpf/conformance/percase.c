// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs each case of an upstream test program in a process of its own.
 *
 * Some suites end at the first assertion that fails, so that one missing map
 * type hides all cases behind it. They are compiled with -finstrument-functions
 * and linked with this file: where the program enters a function whose name
 * begins with "test_", here a child goes on into it, while the parent waits for
 * the child, reports how it ended, and returns from the function without having
 * executed it. What such a function calls belongs to its case.
 *
 *   case 7 begin test_name
 *   (what the case printed)
 *   case 7 end pass | exit N | signal N | time
 *
 * CONFORMANCE_CASE_SECONDS bounds a case (60). x86-64, -O0 and frame pointers
 * only: skipping a function means leaving a frame of known shape. The cases must
 * return void, for what a case returns is not looked at.
 */
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PREFIX		"test_"
#define QUIET		__attribute__((no_instrument_function))
#define MAX_CASES	512
#define TICK_MS		10

struct function {
	void *start;
	char name[64];
};

static struct function functions[MAX_CASES];
static int n_functions;
static int n_run;
static void *running;	/* in a child: the function that is its case */

int percase_enter(void *function, void *site) QUIET;
void __cyg_profile_func_exit(void *function, void *site) QUIET;

static QUIET void read_symbols(Elf *elf, Elf_Scn *section, GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t i, n = header->sh_size / header->sh_entsize;
	GElf_Sym symbol;
	const char *name;

	for (i = 0; i < n && n_functions < MAX_CASES; i++) {
		gelf_getsym(data, i, &symbol);
		name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || !name ||
		    strncmp(name, PREFIX, strlen(PREFIX)))
			continue;
		functions[n_functions].start = (void *)symbol.st_value;
		snprintf(functions[n_functions].name, sizeof(functions->name), "%s", name);
		n_functions++;
	}
}

static QUIET void find_functions(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	while (elf && (section = elf_nextscn(elf, section))) {
		gelf_getshdr(section, &header);
		if (header.sh_type == SHT_SYMTAB)
			read_symbols(elf, section, &header);
	}
	elf_end(elf);
	close(fd);
	if (n_functions)
		return;
	printf("Bail out! no function begins with " PREFIX "\n");
	exit(2);
}

static QUIET const char *case_name(void *function)
{
	int i;

	if (!n_functions)
		find_functions();
	for (i = 0; i < n_functions; i++)
		if (functions[i].start == function)
			return functions[i].name;
	return NULL;
}

static QUIET long seconds_of_case(void)
{
	const char *text = getenv("CONFORMANCE_CASE_SECONDS");

	return text ? atol(text) : 60;
}

static QUIET void await(pid_t child, int number)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
	long left = seconds_of_case() * 1000 / TICK_MS;
	int status;

	while (waitpid(child, &status, WNOHANG) == 0 && left-- > 0)
		nanosleep(&tick, NULL);
	/* Also what the case left behind. */
	kill(-child, SIGKILL);
	if (left < 0) {
		waitpid(child, &status, 0);
		printf("\ncase %d end time\n", number);
	} else if (WIFSIGNALED(status)) {
		printf("\ncase %d end signal %d\n", number, WTERMSIG(status));
	} else if (WEXITSTATUS(status)) {
		printf("\ncase %d end exit %d\n", number, WEXITSTATUS(status));
	} else {
		printf("\ncase %d end pass\n", number);
	}
	fflush(stdout);
}

/* True in the parent: the function shall be left at once. */
int percase_enter(void *function, void *site)
{
	const char *name = running ? NULL : case_name(function);
	pid_t child;

	if (!name)
		return false;
	n_run++;
	printf("\ncase %d begin %s\n", n_run, name);
	fflush(NULL);
	child = fork();
	if (child < 0) {
		printf("\ncase %d end fork\n", n_run);
		return true;
	}
	if (!child) {
		setpgid(0, 0);
		running = function;
		return false;
	}
	setpgid(child, child);
	await(child, n_run);
	return true;
}

void __cyg_profile_func_exit(void *function, void *site)
{
	if (function != running)
		return;
	fflush(NULL);
	_exit(0);
}

/*
 * Called behind the prologue of every function of the suite, with its address.
 * To leave that function is to leave two frames, and 0 is returned for it.
 */
asm(".text\n"
".globl __cyg_profile_func_enter\n"
".type __cyg_profile_func_enter, @function\n"
"__cyg_profile_func_enter:\n"
"	push %rbp\n"
"	mov %rsp, %rbp\n"
"	call percase_enter\n"
"	test %eax, %eax\n"
"	pop %rbp\n"
"	jne 1f\n"
"	ret\n"
"1:	mov %rbp, %rsp\n"
"	pop %rbp\n"
"	xor %eax, %eax\n"
"	ret\n"
".size __cyg_profile_func_enter, . - __cyg_profile_func_enter\n");
