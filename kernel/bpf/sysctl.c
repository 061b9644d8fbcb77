// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel.unprivileged_bpf_disabled: 0 open, 1 closed until the next boot,
 * 2 closed but an administrator may change it.
 *
 * The value is read without a lock by every bpf(2).
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/init.h>
#include <linux/sysctl.h>

#define LOCKED	1

int sysctl_unprivileged_bpf_disabled __read_mostly =
	IS_ENABLED(CONFIG_BPF_UNPRIV_DEFAULT_OFF) ? 2 : 0;

/* CPU bug mitigations depend on it; architectures that care override this. */
void __weak unpriv_ebpf_notify(int new_state)
{
}

static int unprivileged_handler(struct ctl_table *table, int write, void *buffer,
				size_t *lenp, loff_t *ppos)
{
	int value = sysctl_unprivileged_bpf_disabled;
	struct ctl_table shadow = *table;
	bool locked = value == LOCKED;
	int err;

	if (write && !capable(CAP_SYS_ADMIN))
		return -EPERM;

	shadow.data = &value;
	err = proc_dointvec_minmax(&shadow, write, buffer, lenp, ppos);
	if (err || !write)
		return err;

	if (locked && value != LOCKED)
		return -EPERM;
	sysctl_unprivileged_bpf_disabled = value;
	unpriv_ebpf_notify(value);
	return 0;
}

static struct ctl_table bpf_sysctls[] = {
	{
		.procname	= "unprivileged_bpf_disabled",
		.data		= &sysctl_unprivileged_bpf_disabled,
		.maxlen		= sizeof(sysctl_unprivileged_bpf_disabled),
		.mode		= 0644,
		.proc_handler	= unprivileged_handler,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_TWO,
	},
	{ }
};

static int __init bpf_sysctl_init(void)
{
	register_sysctl_init("kernel", bpf_sysctls);
	return 0;
}
late_initcall(bpf_sysctl_init);
