// The container quay at first light, from across the basin.
#include "common.inc"
camera { location <-70, 7, -300> look_at <28, 24, 0> right x * 1.5 angle 43 }
light_source { <390, 36, 900> color rgb <2.2, 1.15, 0.6> parallel point_at 0 }
sphere { <390, 36, 900> * 12, 210 Glow(<5, 3.2, 1.7>) no_shadow }
light_source { <-300, 400, -500> color rgb <0.3, 0.36, 0.5> shadowless }
Sky(<1.5, 0.7, 0.28>, <0.55, 0.42, 0.46>, <0.1, 0.17, 0.32>)
Clouds(<1.1, 0.55, 0.42>, 0.5, 900)
Water(<0.015, 0.03, 0.045>, 0.16, 4)
box { <-400, -3, 0>, <600, 3, 300> Paint(<0.14, 0.14, 0.15>) }
#for (X, -400, 600, 9) cylinder { <X, -2, -0.6>, <X, 3, -0.6>, 0.55 Paint(<0.04, 0.04, 0.04>) } #end
object { Crane(<0.05, 0.11, 0.17>, 0) translate <-62, 3, 8> }
object { Crane(<0.05, 0.11, 0.17>, 38) translate <-8, 3, 8> }
object { Crane(<0.32, 0.08, 0.05>, 0) translate <48, 3, 8> }
object { Crane(<0.05, 0.11, 0.17>, 72) translate <104, 3, 8> }
object { Crane(<0.05, 0.11, 0.17>, 72) translate <170, 3, 8> }
object { Containers(7, 26, 5, 4) translate <-170, 3, 40> }
object { Containers(9, 30, 3, 6) translate <-170, 3, 70> }
// A ship alongside, low in the water.
union {
	prism { linear_spline -1, 9, 9, <-92, -14>, <-86, -24>, <62, -25>, <78, -21>, <86, -13>, <78, -5>, <62, -1.5>, <-92, -2>, <-92, -14>
		Paint(<0.05, 0.07, 0.1>) }
	box { <-91, 6.4, -26>, <86, 6.9, -20> Paint(<0.75, 0.7, 0.62>) }
	box { <-90, -1, -25.6>, <84, 1.6, -20> Paint(<0.4, 0.08, 0.05>) }
	box { <-80, 9, -21>, <-68, 27, -5> Paint(<0.5, 0.46, 0.42>) }
	box { <-82, 24, -24>, <-70, 27, -2> Paint(<0.5, 0.46, 0.42>) }
	box { <-79, 27, -16>, <-73, 34, -10> Paint(<0.4, 0.1, 0.06>) }
	#for (I, 0, 6) box { <-79.5 + I * 1.6, 25, -24.2>, <-78.5 + I * 1.6, 26.2, -24> Glow(<1.6, 1.1, 0.5>) } #end
	object { Containers(21, 8, 7, 4) translate <-60, 9, -23> }
	translate x * 56
}
#for (X, -150, 240, 26)
	cylinder { <X, 3, 34>, <X, 21, 34>, 0.25 Paint(<0.06, 0.06, 0.07>) }
	sphere { <X, 21, 33>, 0.7 Glow(<4, 2.6, 1.2>) }
#end
#declare R = seed(4);
#for (I, 0, 40)
	box { <-700 + I * 36, 0, 420>, <-700 + I * 36 + 18 + 14 * rand(R), 14 + 26 * rand(R), 440> Paint(<0.09, 0.09, 0.12>) }
#end
