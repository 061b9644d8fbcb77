#include "explore.h"
int main(void){return 0;}
