// The turbines on the Merrow Bank at sunset.
#include "common.inc"
camera { location <0, 14, -420> look_at <30, 62, 0> right x * 1.5 angle 40 }
light_source { <-300, 60, 900> color rgb <2, 0.95, 0.45> parallel point_at 0 }
light_source { <300, 300, -600> color rgb <0.16, 0.2, 0.32> shadowless }
sphere { <-300, 42, 1200> * 20, 520 Glow(<6, 3.6, 1.5>) no_shadow }
Sky(<1.7, 0.62, 0.16>, <0.75, 0.34, 0.3>, <0.11, 0.12, 0.3>)
Clouds(<1.35, 0.5, 0.26>, 0.47, 1600)
Water(<0.01, 0.02, 0.04>, 0.22, 14)
fog { fog_type 2 distance 7000 fog_offset 0 fog_alt 40 color rgb <1.1, 0.48, 0.22> }
#declare White = texture { pigment { rgb 0.7 } finish { diffuse 0.75 } }
#declare Blade = union {
	cone { <0, 0, 0>, 2.1, <0, 5, 0>, 2.4 }
	object { Smooth(-0.35, 0.35, array[8] { <-1, 0>, <-1.6, 3>, <-2.2, 12>, <-1.2, 34>, <-0.3, 60>, <0.3, 60.5>, <0.9, 30>, <1.5, 4> })  rotate x * -90 }
}
#macro Turbine(Turn, Yaw)
	union {
		cylinder { <0, -2, 0>, <0, 14, 0>, 4 texture { pigment { rgb <0.75, 0.5, 0.04> } } }
		cylinder { <0, 13.6, 0>, <0, 14.4, 0>, 6 texture { pigment { rgb <0.75, 0.5, 0.04> } } }
		cone { <0, 14, 0>, 3.3, <0, 92, 0>, 1.9 }
		union {
			box { <-2.4, -2.4, -4>, <2.4, 2.4, 9> }
			cone { <0, 0, -8>, 0.4, <0, 0, -4>, 2.4 }
			#for (I, 0, 2) object { Blade rotate z * (Turn + I * 120) translate -z * 6 } #end
			rotate y * Yaw translate y * 94
		}
		texture { White }
	}
#end
#declare R = seed(31);
#for (Row, 0, 5)
	#for (Column, -7, 7)
		#local X = Column * 330 + Row * 130 + 60;
		#local Z = 120 + Row * 420;
		object { Turbine(rand(R) * 120, 24) translate <X, 0, Z> }
	#end
#end
object { Turbine(14, 24) translate <-66, 0, -60> }
// A service boat going home.
union {
	prism { linear_sweep linear_spline 0, 2.2, 6, <-10, 0>, <-10, -3>, <6, -3>, <12, 0>, <6, 3>, <-10, 3> }
	box { <-2, 2, -2.4>, <4, 5.4, 2.4> }
	cylinder { <0, 5, 0>, <0, 10, 0>, 0.15 }
	sphere { <0, 10, 0>, 0.5 Glow(<6, 5, 3>) }
	Paint(<0.1, 0.1, 0.12>) scale 0.8 translate <120, 0, 20>
}
