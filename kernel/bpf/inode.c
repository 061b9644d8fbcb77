// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file system "bpf": directories, and in them nothing yet.
 *
 * Objects will be pinned here by name. Programs that load objects mount it and
 * make their directories before they know whether they will pin anything, so it
 * is there. Whoever asks for a pin is told by bpf(2) that there is no such
 * command.
 */
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/magic.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/sysfs.h>

static const struct inode_operations dir_ops;

static struct inode *new_dir(struct super_block *sb, struct inode *parent,
			     umode_t mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode_init_owner(&init_user_ns, inode, parent, S_IFDIR | mode);
	inode->i_atime = current_time(inode);
	inode->i_mtime = inode->i_atime;
	inode->i_ctime = inode->i_atime;
	inode->i_op = &dir_ops;
	inode->i_fop = &simple_dir_operations;
	inc_nlink(inode);
	return inode;
}

static int dir_mkdir(struct user_namespace *mnt_userns, struct inode *dir,
		     struct dentry *dentry, umode_t mode)
{
	struct inode *inode = new_dir(dir->i_sb, dir, mode);

	if (!inode)
		return -ENOMEM;
	/* The name lives in the dentry alone: it keeps a reference of its own. */
	d_instantiate(dget(dentry), inode);
	inc_nlink(dir);
	dir->i_mtime = current_time(dir);
	dir->i_ctime = dir->i_mtime;
	return 0;
}

static const struct inode_operations dir_ops = {
	.lookup = simple_lookup,
	.mkdir	= dir_mkdir,
	.rmdir	= simple_rmdir,
	.rename	= simple_rename,
};

/* ---- mounting -------------------------------------------------------------------- */

struct mount_options {
	umode_t mode;
};

enum { OPT_MODE };

static const struct fs_parameter_spec parameters[] = {
	fsparam_u32oct("mode", OPT_MODE),
	{ }
};

static int parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct mount_options *opts = fc->fs_private;
	struct fs_parse_result result;
	int opt = fs_parse(fc, parameters, param, &result);

	/* Options nobody knows were always ignored here; clients count on it. */
	if (opt == -ENOPARAM) {
		int err = vfs_parse_fs_param_source(fc, param);

		return err == -ENOPARAM ? 0 : err;
	}
	if (opt == OPT_MODE)
		opts->mode = result.uint_32 & S_IALLUGO;
	return opt < 0 ? opt : 0;
}

static const struct super_operations super_ops = {
	.statfs		= simple_statfs,
	.drop_inode	= generic_delete_inode,
};

static int fill_super(struct super_block *sb, struct fs_context *fc)
{
	const struct mount_options *opts = fc->fs_private;
	struct inode *root;

	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = BPF_FS_MAGIC;
	sb->s_op = &super_ops;
	sb->s_time_gran = 1;
	root = new_dir(sb, NULL, opts->mode | S_ISVTX);
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static int get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, fill_super);
}

static void free_fc(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations context_ops = {
	.free		= free_fc,
	.parse_param	= parse_param,
	.get_tree	= get_tree,
};

static int init_fs_context(struct fs_context *fc)
{
	struct mount_options *opts = kzalloc(sizeof(*opts), GFP_KERNEL);

	if (!opts)
		return -ENOMEM;
	opts->mode = 0777;
	fc->fs_private = opts;
	fc->ops = &context_ops;
	return 0;
}

static struct file_system_type bpf_fs_type = {
	.owner			= THIS_MODULE,
	.name			= "bpf",
	.init_fs_context	= init_fs_context,
	.parameters		= parameters,
	.kill_sb		= kill_litter_super,
};

static int __init bpf_fs_init(void)
{
	int err = sysfs_create_mount_point(fs_kobj, "bpf");

	if (err)
		return err;
	err = register_filesystem(&bpf_fs_type);
	if (err)
		sysfs_remove_mount_point(fs_kobj, "bpf");
	return err;
}
fs_initcall(bpf_fs_init);
