// The Old Quay and Saltmarket at night from the far bank of the Tamsin.
#include "common.inc"
camera { location <0, 5, -330> look_at <6, 33, 0> right x * 1.5 angle 50 }
light_source { <500, 500, -600> color rgb <0.05, 0.065, 0.11> shadowless }
Sky(<0.26, 0.17, 0.2>, <0.07, 0.08, 0.17>, <0.008, 0.014, 0.045>)
Water(<0.003, 0.006, 0.012>, 0.3, 3)
#declare R = seed(190);
sphere { <-900, 900, 3000>, 55 Glow(<2.6, 2.5, 2.2>) }
#for (I, 0, 260) sphere { vnormalize(<(rand(R) - 0.5) * 2.2, 0.14 + rand(R) * 0.8, 1.4>) * 6000, 2 + rand(R) * 5 Glow(<1, 1, 1> * (0.25 + rand(R))) no_reflection } #end
box { <-600, -2, 0>, <600, 3, 200> Paint(<0.1, 0.09, 0.09>) }
// A tower block or warehouse with its lit windows.
#macro Block(X, Z, Wide, High, Lit, Warm)
	box { <X, 3, Z>, <X + Wide, High, Z + 22> Paint(<0.035, 0.04, 0.06>) }
	#for (Y, 6, High - 3, 3.3) #for (W, X + 1.2, X + Wide - 2.2, 2.6)
		#if (rand(R) < Lit) box { <W, Y, Z - 0.1>, <W + 1.5, Y + 1.7, Z> #if (rand(R) < Warm) Glow(<1.9, 1.2, 0.5> * (0.3 + rand(R))) #else Glow(<0.8, 1.1, 1.4> * (0.25 + rand(R) * 0.8)) #end } #end
	#end #end
#end
#declare X = -330;
#while (X < 330)
	#declare Wide = 14 + rand(R) * 22;
	#declare Middle = exp(-pow((X - 40) / 120, 2));
	Block(X, 70 + rand(R) * 30, Wide, 24 + rand(R) * 26 + Middle * (30 + rand(R) * 55), 0.26, 0.55)
	#declare X = X + Wide * (0.7 + rand(R) * 0.5);
#end
#declare X = -330;
#while (X < 330)
	#declare Wide = 12 + rand(R) * 16;
	#declare High = 13 + int(rand(R) * 4) * 3.3;
	Block(X, 14, Wide, High, 0.42, 0.9)
	object { prism { linear_sweep linear_spline 0, 22, 4, <0, 0>, <Wide, 0>, <Wide / 2, 4 + rand(R) * 4>, <0, 0> rotate x * -90 scale <1, 1, -1> } rotate x * 0 translate <X, High, 14> Paint(<0.05, 0.045, 0.055>) }
	#declare X = X + Wide + 0.4;
#end
// The customs house dome, floodlit.
union {
	box { <-16, 3, 0>, <16, 24, 20> }
	#for (I, -3, 3) cylinder { <I * 4.4, 4, -1.4>, <I * 4.4, 20, -1.4>, 0.8 } #end
	box { <-17, 20, -2.6>, <17, 23, 20> }
	cylinder { <0, 24, 10>, <0, 31, 10>, 8.5 }
	sphere { 0, 8.6 scale <1, 1.15, 1> translate <0, 31, 10> texture { pigment { rgb <0.16, 0.42, 0.36> } } }
	cylinder { <0, 40, 10>, <0, 46, 10>, 0.8 }
	texture { pigment { rgb <0.75, 0.62, 0.42> } }
	translate <-62, 0, 2>
}
light_source { <-62, 3, -24> color rgb <2.1, 1.5, 0.8> spotlight point_at <-62, 30, 8> radius 30 falloff 55 fade_distance 26 fade_power 2 }
// Lamps along the quay; one boat.
#for (L, -320, 320, 15)
	sphere { <L, 9, -1>, 0.6 Glow(<6, 3.9, 1.6>) no_shadow }
	cylinder { <L, 3, -1>, <L, 9, -1>, 0.14 Paint(0.03) }
	light_source { <L, 9, -3> color rgb <0.9, 0.55, 0.22> fade_distance 5 fade_power 2 shadowless }
#end
union {
	object { Smooth(0, 2.6, array[6] { <-12, 0>, <-11, -3>, <4, -3.2>, <13, 0>, <4, 3.2>, <-11, 3> }) }
	box { <-6, 2, -2>, <2, 5.6, 2> }
	cylinder { <-2, 5, 0>, <-2, 14, 0>, 0.15 }
	sphere { <-2, 14, 0>, 0.5 Glow(<6, 6, 5>) }
	sphere { <12, 3.4, 0>, 0.4 Glow(<5, 0.4, 0.2>) }
	Paint(<0.04, 0.045, 0.06>) translate <66, 0, -120>
}
