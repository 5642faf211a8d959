with

similar_scores as (

    select * from {{ ref('similar_scores') }}
    where kind = 'track'

),

dim_track as (

    select * from {{ ref('dim_track') }}

),

others as (

    select
        track_key,
        track_id as similar_track_id
    from dim_track

),

joined as (

    select
        dim_track.track_id,
        similar_scores.rank,
        others.similar_track_id,
        similar_scores.score,
        similar_scores.model_version,
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}'
            as generated_at
    from similar_scores
    inner join dim_track on similar_scores.key = dim_track.track_key
    inner join others on similar_scores.similar_key = others.track_key

)

select * from joined
